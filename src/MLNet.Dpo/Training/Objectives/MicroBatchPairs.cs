using MLNet.Dpo.Packing;
using MLNet.Dpo.Training.Reference;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>The pairs of a micro-batch: which responses they compare, and those responses' log-probabilities.</summary>
internal sealed class MicroBatchPairs
{
    private MicroBatchPairs(int responseCount)
    {
        ResponseCount = responseCount;
        TimesChosen = new int[responseCount];
        TimesRejected = new int[responseCount];
    }

    /// <summary>Responses in the micro-batch.</summary>
    internal int ResponseCount { get; }

    /// <summary>For each pair, the row of the data that it comes from.</summary>
    internal required int[] Rows { get; init; }

    /// <summary>For each pair, the preferred response, counted through the micro-batch.</summary>
    internal required int[] Chosen { get; init; }

    /// <summary>For each pair, the other response, counted through the micro-batch.</summary>
    internal required int[] Rejected { get; init; }

    internal required double[] PolicyChosen { get; init; }

    internal required double[] PolicyRejected { get; init; }

    internal required double[] ReferenceChosen { get; init; }

    internal required double[] ReferenceRejected { get; init; }

    /// <summary>For each pair, the tokens of the preferred response, whether they are predicted or not.</summary>
    internal required double[] ChosenLengths { get; init; }

    /// <summary>For each pair, the tokens of the other response.</summary>
    internal required double[] RejectedLengths { get; init; }

    /// <summary>For each response, in how many pairs it is the preferred one.</summary>
    internal int[] TimesChosen { get; }

    /// <summary>For each response, in how many pairs it is the other one.</summary>
    internal int[] TimesRejected { get; }

    internal static MicroBatchPairs From(IReadOnlyList<PreferenceExample> rows, float[][] policy, ReferenceLogps reference, TokenWeights weights)
    {
        var responses = new List<(PreferenceExample Row, int First)>();
        var count = 0;
        foreach (var row in rows)
        {
            responses.Add((row, count));
            count += row.Responses.Length;
        }
        var referenceTokens = rows.SelectMany(row => reference[row]).ToArray();
        var lengths = rows.SelectMany(row => row.Responses).Select(response => (double)response.Length).ToArray();
        var pairs = responses.SelectMany(r => r.Row.Pairs.Select(p => (r.Row.Row, Chosen: r.First + p.Chosen, Rejected: r.First + p.Rejected))).ToArray();
        var result = new MicroBatchPairs(count)
        {
            Rows = [.. pairs.Select(p => p.Row)],
            Chosen = [.. pairs.Select(p => p.Chosen)],
            Rejected = [.. pairs.Select(p => p.Rejected)],
            PolicyChosen = [.. pairs.Select(p => weights.Sum(policy[p.Chosen], policy[p.Rejected].Length))],
            PolicyRejected = [.. pairs.Select(p => weights.Sum(policy[p.Rejected], policy[p.Chosen].Length))],
            ReferenceChosen = [.. pairs.Select(p => weights.Sum(referenceTokens[p.Chosen], policy[p.Rejected].Length))],
            ReferenceRejected = [.. pairs.Select(p => weights.Sum(referenceTokens[p.Rejected], policy[p.Chosen].Length))],
            ChosenLengths = [.. pairs.Select(p => lengths[p.Chosen])],
            RejectedLengths = [.. pairs.Select(p => lengths[p.Rejected])],
        };
        foreach (var pair in pairs)
        {
            result.TimesChosen[pair.Chosen]++;
            result.TimesRejected[pair.Rejected]++;
        }
        return result;
    }
}
