using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// APO-down (arXiv 2408.06266, equation 8): σ(β · Δchosen) + 1 - σ(β · (Δchosen - Δrejected)), for chosen responses that are worse than the model's own: both
/// become less probable, the rejected ones more so. TRL calls it <c>apo_down</c>.
/// </summary>
internal sealed class ApoDownLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    // 1 - σ(x) is σ(-x), without the cancellation.
    public Tensor Losses(PairLogps pairs) => (pairs.ChosenLogRatios * beta).sigmoid() + (pairs.DeltaScores * -beta).sigmoid();
}
