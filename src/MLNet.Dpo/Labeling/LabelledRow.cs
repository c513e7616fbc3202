using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A row that people have scored.</summary>
/// <param name="Place">Where it stands, as errors say it.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Responses">The responses.</param>
/// <param name="Scores">People's score of each.</param>
internal sealed record LabelledRow(string Place, ChatText Prompt, IReadOnlyList<ChatText> Responses, float[] Scores)
{
    /// <summary>The prompt as sets of prompts know it.</summary>
    internal string Key => SaidText.Key(Prompt);

    /// <summary>Which responses people take and which they do not: above or below the middle of the row's worst and best score.</summary>
    internal IEnumerable<(int Index, bool IsGood)> Judgements()
    {
        if (Scores.Length == 0) yield break;
        var middle = (Scores.Min() + (double)Scores.Max()) / 2;
        for (var i = 0; i < Scores.Length; i++)
        {
            if (Scores[i] != middle) yield return (i, Scores[i] > middle);
        }
    }

    /// <summary>A scorer's score of each response, where they were asked for.</summary>
    internal float[] ScorerScores { get; init; } = [];

    /// <summary>Reads rows with people's scores; those with Chosen and Rejected have 1 and 0.</summary>
    /// <param name="labels">The rows.</param>
    /// <param name="scorerColumn">A scorer's column to be read beside people's; null for none.</param>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    /// <exception cref="PreferenceDataException">A row has not one finite score for each response.</exception>
    internal static IEnumerable<LabelledRow> Read(IDataView labels, string? scorerColumn = null)
    {
        var columns = PreferenceColumns.Find(labels.Schema, new InputColumnNames());
        if (!columns.HasResponses) throw PreferenceColumns.Missing(ColumnNames.Responses);
        DataViewSchema.Column? people = columns.IsPair ? null : PeoplesColumn(labels.Schema);
        DataViewSchema.Column? scorer = scorerColumn is null ? null : ScoreColumn.Find(labels.Schema, scorerColumn);
        using var cursor = labels.GetRowCursor(columns.All.Concat(new[] { people, scorer }.Where(c => c is not null).Select(c => c!.Value)).DistinctBy(c => c.Index));
        var read = columns.CreateReader(cursor);
        Func<float[]> readScores = people is { } own ? ColumnReader.Values<float>(cursor, own) : () => [1, 0];
        Func<float[]> readScorer = scorer is { } other ? ColumnReader.Values<float>(cursor, other) : () => [];
        while (cursor.MoveNext())
        {
            var (row, scores) = (read(), readScores());
            if (scores.Length != row.Responses.Count || !scores.All(float.IsFinite))
                throw new PreferenceDataException($"{row.Place} has {row.Responses.Count} responses and {scores.Count(float.IsFinite)} scores that are numbers; give each response one.");
            yield return new LabelledRow(row.Place, row.Prompt, row.Responses, scores) { ScorerScores = readScorer() };
        }
    }

    // A scorer's column of the same name hides people's, but does not take it away.
    private static DataViewSchema.Column PeoplesColumn(DataViewSchema schema)
    {
        var visible = ScoreColumn.Find(schema, ColumnNames.Scores);
        if (ScoredBy.Find(visible) is not { } scorer) return visible;
        return schema.Where(column => column.Name == ColumnNames.Scores && ScoredBy.Find(column) is null).Cast<DataViewSchema.Column?>().LastOrDefault()
            ?? throw new ArgumentException($"Column {ColumnNames.Scores} holds what the scorer {scorer} says, not people's labels; give the labelled rows themselves.");
    }
}
