using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// Binary classifier optimization for pairs (arXiv 2404.04656, section 4): -log σ(β · Δchosen) - log σ(-β · Δrejected). The paper's reward shift, a running
/// mean, is 0 here as in TRL, where it is called <c>bco_pair</c>.
/// </summary>
internal sealed class BcoPairLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) =>
        -(nn.functional.logsigmoid(pairs.ChosenLogRatios * beta) + nn.functional.logsigmoid(pairs.RejectedLogRatios * -beta));
}
