using MLNet.Dpo.Data;

namespace MLNet.Dpo.Inspection;

/// <summary>What is counted in preference data: everything that findings and the report are made of.</summary>
internal sealed class DataStatistics
{
    // As many tokens as a small set has: among more, the share of different runs falls by itself.
    private const int DiversityTokens = 10_000;

    internal DataStatistics(InspectedData data, int maxLength, IReadOnlySet<string> otherPrompts)
    {
        Rows = data.Rows;
        Unusable = data.Unusable;
        MaxLength = maxLength;
        Ties = [.. Rows.Where(row => row.Responses.Count > 1 && row.Pairs.Count == 0)];
        Pairs = Rows.Sum(row => row.Pairs.Count);
        Prompts = Rows.Select(row => row.PromptKey).Distinct().Count();
        Identical = [.. Rows.Where(row => row.Pairs.Any(pair => row.Responses[pair.Chosen] == row.Responses[pair.Rejected]))];
        Empty = [.. Rows.Where(row => row.Responses.Any(BlankText.Is))];
        Refusing = [.. Rows.Where(row => row.Pairs.Select(pair => pair.Chosen).Distinct().Any(chosen => Refusal.Is(row.Responses[chosen]) && !row.Pairs.Any(pair => pair.Chosen == chosen && Refusal.Is(row.Responses[pair.Rejected]))))];
        Duplicates = [.. Repeated(Rows.Select(TextOf)).Select(i => Rows[i])];
        Contradicting = [.. Contradictions()];
        // A pair turned round has nearly the same characters, and is said to contradict.
        var distinct = Rows.Except(Contradicting, ReferenceEqualityComparer.Instance).Cast<InspectedRow>().DistinctBy(TextOf).ToList();
        Near = [.. NearDuplicates.Find([.. distinct.Select(TextOf)]).Select(found => (distinct[found.Text], distinct[found.Earlier]))];
        Leaking = [.. Rows.Where(row => otherPrompts.Contains(row.PromptKey))];
        CountLengths();
    }

    internal IReadOnlyList<InspectedRow> Rows { get; }

    internal IReadOnlyList<string> Unusable { get; }

    internal int MaxLength { get; }

    internal int Pairs { get; }

    internal int Prompts { get; }

    internal IReadOnlyList<InspectedRow> Ties { get; }

    internal IReadOnlyList<InspectedRow> Identical { get; }

    internal IReadOnlyList<InspectedRow> Empty { get; }

    internal IReadOnlyList<InspectedRow> Refusing { get; }

    /// <summary>Rows that stand there before, word by word.</summary>
    internal IReadOnlyList<InspectedRow> Duplicates { get; }

    internal IReadOnlyList<(InspectedRow Row, InspectedRow Earlier)> Near { get; }

    /// <summary>Rows with a pair that an earlier row has the other way round.</summary>
    internal IReadOnlyList<InspectedRow> Contradicting { get; }

    internal IReadOnlyList<InspectedRow> Leaking { get; }

    internal Distribution PromptLengths { get; private set; } = Distribution.Of([]);

    internal Distribution ChosenLengths { get; private set; } = Distribution.Of([]);

    internal Distribution RejectedLengths { get; private set; } = Distribution.Of([]);

    /// <summary>Tokens of a row's prompt with its longest response.</summary>
    internal Distribution RowLengths { get; private set; } = Distribution.Of([]);

    internal int CutRows { get; private set; }

    internal int LongPrompts { get; private set; }

    /// <summary>Pairs whose responses differ in length.</summary>
    internal int UnequalPairs { get; private set; }

    /// <summary>The share of these in which the longer one is chosen.</summary>
    internal double LongerWins { get; private set; }

    /// <summary>The share of different runs of one, two and three tokens among the best responses' first 10,000 tokens.</summary>
    internal IReadOnlyList<double> Distinct { get; private set; } = [];

    private static string TextOf(InspectedRow row) =>
        string.Join('\u0001', row.Responses.Zip(row.Scores, (text, score) => (text, score)).OrderByDescending(r => r.score).ThenBy(r => r.text, StringComparer.Ordinal).Select(r => r.text).Prepend(row.Prompt));

    private static IEnumerable<int> Repeated(IEnumerable<string> texts)
    {
        var seen = new HashSet<string>();
        foreach (var (i, text) in texts.Index())
        {
            if (!seen.Add(text)) yield return i;
        }
    }

    private IEnumerable<InspectedRow> Contradictions()
    {
        var preferred = new HashSet<(string Prompt, string Chosen, string Rejected)>();
        foreach (var row in Rows)
        {
            var pairs = row.Pairs.Select(pair => (row.PromptKey, Chosen: row.Responses[pair.Chosen], Rejected: row.Responses[pair.Rejected])).Where(pair => pair.Chosen != pair.Rejected).ToList();
            if (pairs.Any(pair => preferred.Contains((pair.PromptKey, pair.Rejected, pair.Chosen)))) yield return row;
            preferred.UnionWith(pairs);
        }
    }

    private void CountLengths()
    {
        var pairs = Rows.SelectMany(row => row.Pairs.Select(pair => (Chosen: row.Tokens.ResponseTokens[pair.Chosen].Length, Rejected: row.Tokens.ResponseTokens[pair.Rejected].Length))).ToList();
        var answered = Rows.Where(row => row.Responses.Count > 0).ToList();
        PromptLengths = Distribution.Of(Rows.Select(row => row.Tokens.PromptTokens.Length));
        ChosenLengths = Distribution.Of(pairs.Select(pair => pair.Chosen));
        RejectedLengths = Distribution.Of(pairs.Select(pair => pair.Rejected));
        RowLengths = Distribution.Of(answered.Select(LengthOf));
        LongPrompts = Rows.Count(row => row.Tokens.PromptTokens.Length >= MaxLength);
        CutRows = answered.Count(row => LengthOf(row) > MaxLength) - answered.Count(row => row.Tokens.PromptTokens.Length >= MaxLength && LengthOf(row) > MaxLength);
        UnequalPairs = pairs.Count(pair => pair.Chosen != pair.Rejected);
        LongerWins = UnequalPairs == 0 ? 0.5 : pairs.Count(pair => pair.Chosen > pair.Rejected) / (double)UnequalPairs;
        Distinct = DistinctRuns([.. answered.Select(row => row.Tokens.ResponseTokens[row.Best])]);
    }

    private static int LengthOf(InspectedRow row) => row.Tokens.PromptTokens.Length + row.Tokens.ResponseTokens.Max(tokens => tokens.Length);

    // The usual distinct-n (Li et al., arXiv 1510.03055), within each answer.
    private static double[] DistinctRuns(IReadOnlyList<int[]> answers)
    {
        var taken = 0;
        var some = answers.TakeWhile(answer => (taken += answer.Length) - answer.Length < DiversityTokens).ToList();
        return
        [
            .. Enumerable.Range(1, 3).Select(n =>
            {
                var runs = some.SelectMany(answer => Enumerable.Range(0, Math.Max(0, answer.Length - n + 1)).Select(i => string.Join(' ', answer[i..(i + n)]))).ToList();
                return runs.Count == 0 ? 1 : runs.Distinct().Count() / (double)runs.Count;
            }),
        ];
    }
}
