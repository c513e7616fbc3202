using System.Globalization;
using MLNet.Dpo.Evaluation;

namespace MLNet.Dpo;

/// <summary>How well a policy's implicit rewards agree with the preferences of a data set; definitions are TRL's.</summary>
/// <param name="Accuracy">Share of pairs whose better response has the strictly higher reward, 0 to 1 (<c>rewards/accuracies</c>).</param>
/// <param name="MeanMargin">Mean reward of better responses minus that of worse ones (<c>rewards/margins</c>).</param>
/// <param name="Loss">Mean of -log σ(margin), the sigmoid DPO loss of the pairs, whichever loss the model was trained with.</param>
/// <param name="ChosenReward">Mean reward of the better responses (<c>rewards/chosen</c>).</param>
/// <param name="RejectedReward">Mean reward of the worse responses (<c>rewards/rejected</c>).</param>
/// <param name="PairCount">Pairs evaluated.</param>
/// <param name="SkippedRows">Rows left out because their prompt alone fills the length limit.</param>
public sealed record PreferenceMetrics(
    double Accuracy, double MeanMargin, double Loss, double ChosenReward, double RejectedReward, int PairCount, int SkippedRows)
{
    /// <summary>One line with all of them, whatever the culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"accuracy {Accuracy:0.####}, margin {MeanMargin:G4}, loss {Loss:G4}, chosen reward {ChosenReward:G4}, rejected reward {RejectedReward:G4}, {PairCount} pairs, {SkippedRows} rows skipped");

    internal static PreferenceMetrics From(IReadOnlyList<ScoredRow> rows)
    {
        var pairs = rows.Where(r => r.IsFinite)
            .SelectMany(r => r.Pairs.Select(p => (Chosen: (double)r.Rewards[p.Chosen], Rejected: (double)r.Rewards[p.Rejected])))
            .ToList();
        if (pairs.Count == 0) throw new PreferenceDataException("There is no pair of differently scored responses to evaluate; give data with chosen and rejected responses.");
        return new PreferenceMetrics(
            pairs.Average(p => p.Chosen > p.Rejected ? 1.0 : 0.0),
            pairs.Average(p => p.Chosen - p.Rejected),
            pairs.Average(p => SoftPlus(p.Rejected - p.Chosen)),
            pairs.Average(p => p.Chosen),
            pairs.Average(p => p.Rejected),
            pairs.Count,
            rows.Count(r => !r.IsFinite));
    }

    // log(1 + e^x) without overflow
    private static double SoftPlus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
