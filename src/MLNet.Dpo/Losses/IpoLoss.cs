using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// IPO (arXiv 2310.12036, equation 17; β is its τ): (Δchosen - Δrejected - 1/(2β))², with log-ratios averaged over their response's tokens as in TRL,
/// where it is called <c>ipo</c>.
/// </summary>
internal sealed class IpoLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) => (pairs.DeltaScoresPerToken - (1 / (2 * beta))).square();
}
