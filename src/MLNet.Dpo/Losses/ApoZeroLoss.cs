using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// APO-zero (arXiv 2408.06266, equation 7): 1 - σ(β · Δchosen) + σ(β · Δrejected), for chosen responses that are better than the model's own: it makes them
/// more and the rejected ones less probable. TRL calls it <c>apo_zero</c>.
/// </summary>
internal sealed class ApoZeroLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    // 1 - σ(x) is σ(-x), without the cancellation.
    public Tensor Losses(PairLogps pairs) => (pairs.ChosenLogRatios * -beta).sigmoid() + (pairs.RejectedLogRatios * beta).sigmoid();
}
