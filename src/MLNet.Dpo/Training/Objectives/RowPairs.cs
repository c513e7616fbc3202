using MLNet.Dpo.Losses;
using MLNet.Dpo.Training.Reference;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>The pairs of some rows: which responses they compare, counted through the rows, and those responses' log-probabilities.</summary>
internal sealed class RowPairs
{
    private RowPairs(int responseCount)
    {
        TimesChosen = new int[responseCount];
        TimesRejected = new int[responseCount];
    }

    /// <summary>For each pair, the row of the data that it comes from.</summary>
    internal required int[] Rows { get; init; }

    /// <summary>For each pair, the preferred response.</summary>
    internal required int[] Chosen { get; init; }

    /// <summary>For each pair, the other response.</summary>
    internal required int[] Rejected { get; init; }

    internal required double[] PolicyChosen { get; init; }

    internal required double[] PolicyRejected { get; init; }

    internal required double[] ReferenceChosen { get; init; }

    internal required double[] ReferenceRejected { get; init; }

    /// <summary>For each pair, the tokens of the preferred response, whether they are predicted or not.</summary>
    internal required double[] ChosenLengths { get; init; }

    /// <summary>For each pair, the tokens of the other response.</summary>
    internal required double[] RejectedLengths { get; init; }

    /// <summary>For each response, how many of its tokens are predicted.</summary>
    internal required int[] ScoredLengths { get; init; }

    /// <summary>For each response, in how many pairs it is the preferred one.</summary>
    internal int[] TimesChosen { get; }

    /// <summary>For each response, in how many pairs it is the other one.</summary>
    internal int[] TimesRejected { get; }

    /// <summary>Number of pairs.</summary>
    internal int Count => Rows.Length;

    /// <summary>The log-probabilities as a loss takes them, in float64 on the CPU; the policy's record gradients where asked to.</summary>
    internal PairLogps ToTensors(bool withGradient) => new(
        tensor(PolicyChosen, requires_grad: withGradient), tensor(PolicyRejected, requires_grad: withGradient),
        tensor(ReferenceChosen), tensor(ReferenceRejected), tensor(ChosenLengths), tensor(RejectedLengths));

    /// <summary>The pairs of <paramref name="rows"/>.</summary>
    /// <param name="rows">The rows, in the order of their responses.</param>
    /// <param name="policy">For each response of the rows, its tokens' log-probabilities.</param>
    /// <param name="reference">The reference's, of rows that have pairs; null for a loss without one, which is given 0.</param>
    /// <param name="weights">How tokens are summed up.</param>
    internal static RowPairs From(IReadOnlyList<PreferenceExample> rows, IReadOnlyList<float[]> policy, ReferenceLogps? reference, TokenWeights weights)
    {
        var responses = rows.SelectMany(row => row.Responses).ToArray();
        var referenceTokens = rows.SelectMany(row => (row.Pairs.Count > 0 ? reference?[row] : null) ?? [.. row.ScoredLengths.Select(length => new float[length])]).ToArray();
        var pairs = Numbered(rows).ToArray();
        var result = new RowPairs(responses.Length)
        {
            Rows = [.. pairs.Select(p => p.Row)],
            Chosen = [.. pairs.Select(p => p.Chosen)],
            Rejected = [.. pairs.Select(p => p.Rejected)],
            PolicyChosen = [.. pairs.Select(p => weights.Sum(policy[p.Chosen], policy[p.Rejected].Length))],
            PolicyRejected = [.. pairs.Select(p => weights.Sum(policy[p.Rejected], policy[p.Chosen].Length))],
            ReferenceChosen = [.. pairs.Select(p => weights.Sum(referenceTokens[p.Chosen], policy[p.Rejected].Length))],
            ReferenceRejected = [.. pairs.Select(p => weights.Sum(referenceTokens[p.Rejected], policy[p.Chosen].Length))],
            ChosenLengths = [.. pairs.Select(p => (double)responses[p.Chosen].Length)],
            RejectedLengths = [.. pairs.Select(p => (double)responses[p.Rejected].Length)],
            ScoredLengths = [.. policy.Select(tokens => tokens.Length)],
        };
        foreach (var pair in pairs)
        {
            result.TimesChosen[pair.Chosen]++;
            result.TimesRejected[pair.Rejected]++;
        }
        return result;
    }

    private static IEnumerable<NumberedPair> Numbered(IEnumerable<PreferenceExample> rows)
    {
        var first = 0;
        foreach (var row in rows)
        {
            foreach (var pair in row.Pairs) yield return new NumberedPair(row.Row, first + pair.Chosen, first + pair.Rejected);
            first += row.Responses.Length;
        }
    }

    private readonly record struct NumberedPair(int Row, int Chosen, int Rejected);
}
