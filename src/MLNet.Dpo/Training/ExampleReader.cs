using Microsoft.ML;
using MLNet.Dpo.Data;
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
    // Half a million pairs; their number grows with the square.
    private const int MaxResponses = 1024;

    /// <summary>Reads every row.</summary>
    /// <param name="data">Rows with token columns.</param>
    /// <param name="maxLength">The most tokens of a prompt with one response.</param>
    /// <param name="needsPairs">Whether rows need two differently scored responses; if not, only those with the row's highest score are taken.</param>
    /// <param name="learnsText">Whether a language-model loss stands beside the pairs', which takes rows without pairs too.</param>
    /// <param name="mode">Which end of a prompt with a response is kept where they have more.</param>
    internal static ExampleSet Read(IDataView data, int maxLength, bool needsPairs, bool learnsText = false, TruncationMode mode = TruncationMode.KeepStart)
    {
        var counter = new Counter();
        var columns = TokenColumns.Find(data.Schema, needsScores: needsPairs, withLmWeights: learnsText);
        var saysNothing = SaysNothing(TokenizedBy.Find(data.Schema)?.ChatTokenizer);
        var texts = new SourceTexts(data.Schema);
        using var cursor = data.GetRowCursor(columns.All.Union(texts.Columns));
        var (read, remarks) = (columns.CreateReader(cursor), texts.Reader(cursor));
        while (cursor.MoveNext())
        {
            var row = counter.Rows++;
            counter.Add(remarks());
            var whole = needsPairs ? Checked(row, read()) : Best(read());
            var group = whole.Group;
            if (!group.PromptIsPrefix) counter.NoPrefix++;
            if (group.Truncate(maxLength, mode) is not { } cut) counter.LongPrompts++;
            else if (cut.ResponseTokens.Length == 0) counter.WithoutPairs++;
            else Add(counter, Example(row, whole, cut, saysNothing), whole, cut, needsPairs, learnsText);
        }
        return new ExampleSet(counter.Examples, new TruncationSummary(
            counter.Rows, counter.Truncated, counter.LongPrompts, counter.WithoutPairs, counter.Dropped, counter.LeftOut, counter.CutPrompts, counter.NoPrefix)
        {
            RowsWithControlTokens = counter.WithControlTokens,
            RowsWithLeftOutKeys = counter.WithLeftOutKeys,
            LeftOutKeys = string.Join(", ", counter.LeftOutKeys),
            RowsWithoutPairs = counter.PairlessRows,
        });
    }

    /// <summary>What says something of a row: responses that are not blank, pairs whose responses differ.</summary>
    private static Kept Example(int row, TokenizedRow read, TokenizedGroup cut, Func<int, int[], bool> saysNothing)
    {
        var scores = read.Scores;
        int[] kept = [.. Enumerable.Range(0, cut.ResponseTokens.Length).Where(i => !saysNothing(PromptLength(cut, i), cut.ResponseTokens[i]))];
        float[] keptScores = scores.Length == cut.ResponseTokens.Length ? [.. kept.Select(i => scores[i])] : scores;
        var example = new PreferenceExample(row, cut.PromptTokens, [.. kept.Select(i => cut.ResponseTokens[i])], keptScores)
        {
            PromptStarts = Starts(cut, kept),
            PromptWeights = read.PromptWeights.Length > 0 ? read.PromptWeights : null,
        }.WithoutEqualPairs();
        return new Kept(read.LmLossMasks.Length > 0 ? example with { LmWeights = [.. kept.Select(i => read.LmLossMasks[i])] } : example, kept);
    }

    private static void Add(Counter counter, Kept kept, TokenizedRow whole, TokenizedGroup cut, bool needsPairs, bool learnsText)
    {
        var (example, responses) = kept;
        var says = needsPairs ? example.Pairs.Count > 0 || (learnsText && example.LmTokens > 0) : responses.Length > 0;
        if (!says)
        {
            if (needsPairs && PreferencePair.FromScores(whole.Scores).Count == 0) counter.WithoutPairs++;
            else counter.Dropped++;
            return;
        }
        counter.Examples.Add(example);
        counter.LeftOut += needsPairs ? PreferencePair.FromScores(whole.Scores).Count - example.Pairs.Count : cut.ResponseTokens.Length - responses.Length;
        if (responses.Any(i => cut.ResponseTokens[i].Length < whole.Group.ResponseTokens[i].Length)) counter.Truncated++;
        if (example.PromptStarts is not null) counter.CutPrompts++;
        if (needsPairs && example.Pairs.Count == 0) counter.PairlessRows++;
    }

    private static int PromptLength(TokenizedGroup group, int response) => group.PromptTokens.Length - (group.PromptStarts?[response] ?? 0);

    // Where only what is left out was long, the prompt is shared as ever.
    private static int[]? Starts(TokenizedGroup cut, int[] kept) =>
        cut.PromptStarts is { } starts && kept.Any(i => starts[i] > 0) ? [.. kept.Select(i => starts[i])] : null;

    /// <summary>
    /// Whether a response has no token that is predicted, or none but control tokens and white space: known where the tokens' maker is.
    /// </summary>
    private static Func<int, int[], bool> SaysNothing(ChatTokenizer? tokenizer) => (promptLength, response) =>
    {
        if (response.Length == 0 || (response.Length == 1 && promptLength == 0)) return true;
        // Most responses say something at once.
        return tokenizer is not null && BlankText.Is(tokenizer.Decode(response[..Math.Min(response.Length, 8)])) && BlankText.Is(tokenizer.Decode(response));
    };

    private static TokenizedRow Checked(int row, TokenizedRow read)
    {
        if (read.Scores.Length > MaxResponses)
            throw new PreferenceDataException($"Row {row} has {read.Scores.Length} responses, whose pairs would all be trained on in one step; at most {MaxResponses} are taken: leave some out, or make several rows of it.");
        if (read.Scores.Length != read.Group.ResponseTokens.Length)
            throw new PreferenceDataException($"Row {row} has {read.Group.ResponseTokens.Length} responses and {read.Scores.Length} scores; give each response one score.");
        if (read.Scores.Any(float.IsNaN))
            throw new PreferenceDataException($"Row {row} has a score that is not a number; give each response a score, or leave it out.");
        if (read.LmLossMasks.Length > 0 && (read.LmLossMasks.Length != read.Scores.Length || read.LmLossMasks.Any(mask => mask is not (0 or 1))))
            throw new PreferenceDataException($"Row {row} has {read.Scores.Length} responses and the {ColumnNames.LmLossMasks} [{string.Join(", ", read.LmLossMasks)}]; give each response 0 or 1, or none.");
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

    private sealed record Kept(PreferenceExample Example, int[] Responses);

    private sealed class Counter
    {
        internal List<PreferenceExample> Examples { get; } = [];

        internal int Rows { get; set; }

        internal int Truncated { get; set; }

        internal int LongPrompts { get; set; }

        internal int WithoutPairs { get; set; }

        internal int Dropped { get; set; }

        internal int LeftOut { get; set; }

        internal int CutPrompts { get; set; }

        internal int NoPrefix { get; set; }

        internal int WithControlTokens { get; private set; }

        internal int PairlessRows { get; set; }

        internal int WithLeftOutKeys { get; private set; }

        internal SortedSet<string> LeftOutKeys { get; } = new(StringComparer.Ordinal);

        internal void Add(TextRemarks remarks)
        {
            if (remarks.HasControlTokens) WithControlTokens++;
            if (remarks.LeftOutKeys.Count > 0) WithLeftOutKeys++;
            LeftOutKeys.UnionWith(remarks.LeftOutKeys);
        }
    }
}
