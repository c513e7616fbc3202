using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Training;

/// <summary>The rows of a data view that can be trained on.</summary>
internal sealed record ExampleSet(IReadOnlyList<PreferenceExample> Examples, TruncationSummary Truncation)
{
    internal static ExampleSet Empty { get; } = new([], new TruncationSummary(0, 0, 0, 0));
}

/// <summary>Reads tokenised rows into memory, cuts them at the length limit, and counts what is cut or dropped.</summary>
internal static class ExampleReader
{
    /// <summary>Reads every row.</summary>
    /// <param name="data">Rows with token columns.</param>
    /// <param name="maxLength">The most tokens of a prompt with one response.</param>
    /// <param name="needsPairs">Whether rows need two differently scored responses; if not, only those with the row's highest score are taken.</param>
    internal static ExampleSet Read(IDataView data, int maxLength, bool needsPairs)
    {
        var examples = new List<PreferenceExample>();
        var (rows, truncated, longPrompts, withoutPairs) = (0, 0, 0, 0);
        var columns = TokenColumns.Find(data.Schema, needsScores: needsPairs);
        using var cursor = data.GetRowCursor(columns.All);
        var read = columns.CreateReader(cursor);
        while (cursor.MoveNext())
        {
            var row = rows++;
            var (group, scores) = needsPairs ? Checked(row, read()) : Best(read());
            if (group.Truncate(maxLength) is not { } cut) longPrompts++;
            else if (cut.ResponseTokens.Any(r => r.Length == 0) || cut.ResponseTokens.Length == 0) withoutPairs++;
            else if (new PreferenceExample(row, cut.PromptTokens, cut.ResponseTokens, scores) is var example && needsPairs && example.Pairs.Count == 0) withoutPairs++;
            else
            {
                examples.Add(example);
                if (cut.ResponseTokens.Zip(group.ResponseTokens, (a, b) => a.Length < b.Length).Any(shorter => shorter)) truncated++;
            }
        }
        return new ExampleSet(examples, new TruncationSummary(rows, truncated, longPrompts, withoutPairs));
    }

    private static TokenizedRow Checked(int row, TokenizedRow read)
    {
        if (read.Scores.Length != read.Group.ResponseTokens.Length)
            throw new PreferenceDataException($"Row {row} has {read.Group.ResponseTokens.Length} responses and {read.Scores.Length} scores; give each response one score.");
        if (read.Scores.Any(float.IsNaN))
            throw new PreferenceDataException($"Row {row} has a score that is not a number; give each response a score, or leave it out.");
        return read;
    }

    // Without scores every response is as good as the others.
    private static TokenizedRow Best(TokenizedRow read)
    {
        var (group, scores) = read;
        if (scores.Length != group.ResponseTokens.Length || scores.Length < 2) return read;
        var highest = scores.Max();
        var best = Enumerable.Range(0, scores.Length).Where(i => scores[i] >= highest).ToList();
        return new TokenizedRow(group with { ResponseTokens = [.. best.Select(i => group.ResponseTokens[i])] }, [.. best.Select(i => scores[i])]);
    }
}
