using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// Noise contrastive alignment for pairs (arXiv 2402.05369, section 4.1): -log σ(r_chosen) - ½ log σ(-r_chosen) - ½ log σ(-r_rejected) with the
/// implicit rewards r = β · Δ. It holds the chosen response's own probability up, not only its lead. TRL calls it <c>nca_pair</c>.
/// </summary>
internal sealed class NcaPairLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs)
    {
        var (chosen, rejected) = (pairs.ChosenLogRatios * beta, pairs.RejectedLogRatios * beta);
        var noise = (nn.functional.logsigmoid(-chosen) + nn.functional.logsigmoid(-rejected)) * 0.5;
        return -(nn.functional.logsigmoid(chosen) + noise);
    }
}
