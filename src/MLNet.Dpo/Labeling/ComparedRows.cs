using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>Labelled rows beside what a scorer says of them.</summary>
internal static class ComparedRows
{
    /// <summary>Reads both views side by side, so that it does not matter whether the scorer hides people's scores.</summary>
    /// <exception cref="PreferenceDataException">The scorer adds or drops rows or responses.</exception>
    internal static IEnumerable<ComparedRow> Read(IDataView labels, IDataView scored, string column) =>
        Zip(labels, scored, column).Select(row => new ComparedRow(row.Key, row.Scores, row.ScorerScores));

    /// <summary>Each response that people take or do not take, with its score where it has one.</summary>
    internal static IEnumerable<(float Score, bool IsTaken)> Judged(IDataView labels, IDataView scored, string column) =>
        LearnedScorers.RawExamples(Zip(labels, scored, column)).Select(example => (example.Score, example.Label));

    /// <summary>The prompts that a scorer was fitted to.</summary>
    internal static PromptSet Seen(ITransformer scorer, IDataView? trainedOn)
    {
        var fitted = PipelineParts.All(scorer).OfType<ScoringTransformer>().Select(part => part.Scorer.TrainedOn);
        return PromptSet.Union(trainedOn is null ? fitted : fitted.Append(PromptSet.Of(Prompts(trainedOn))));
    }

    /// <summary>What a scorer is called: its last link, which gives the score.</summary>
    internal static string Describe(ITransformer scorer) => PipelineParts.All(scorer).LastOrDefault() is { } last ? (last as ScoringTransformer)?.ToString() ?? last.GetType().Name : "an empty chain";

    private static IEnumerable<LabelledRow> Zip(IDataView labels, IDataView scored, string column)
    {
        var scores = ScoreColumn.Find(scored.Schema, column);
        using var cursor = scored.GetRowCursor([scores]);
        var read = ColumnReader.Values<float>(cursor, scores);
        foreach (var row in LabelledRow.Read(labels))
        {
            if (!cursor.MoveNext()) throw new PreferenceDataException($"The scorer drops rows: it ends before {row.Place}; leave out what filters.");
            var given = read();
            if (given.Length != row.Scores.Length) throw new PreferenceDataException($"{row.Place} has {row.Scores.Length} responses, but {given.Length} scores in {column}; a scorer gives each response one.");
            yield return row with { ScorerScores = given };
        }
        if (cursor.MoveNext()) throw new PreferenceDataException("The scorer adds rows: it has more than the labels; leave out what repeats.");
    }

    private static IEnumerable<string> Prompts(IDataView rows)
    {
        var columns = PreferenceColumns.Find(rows.Schema, new InputColumnNames());
        using var cursor = rows.GetRowCursor(columns.All);
        var read = columns.CreateReader(cursor);
        while (cursor.MoveNext()) yield return SaidText.Key(read().Prompt);
    }
}
