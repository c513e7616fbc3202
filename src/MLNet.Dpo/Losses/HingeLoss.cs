using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// The hinge loss of SLiC (arXiv 2305.10425, section 2) on log-ratios to the reference, as RSO has it (arXiv 2309.06657, "hinge-norm"; β is its γ):
/// max(0, 1 - β · (Δchosen - Δrejected)). TRL calls it <c>hinge</c>.
/// </summary>
internal sealed class HingeLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) => (1 - (pairs.DeltaScores * beta)).relu();
}
