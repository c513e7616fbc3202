using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// The original DPO loss (arXiv 2305.18290, equation 7): -log σ(β · (log-ratio of the chosen - log-ratio of the rejected)).
/// TRL calls it <c>sigmoid</c>.
/// </summary>
internal sealed class SigmoidLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) => nn.functional.logsigmoid(pairs.DeltaScores * beta).neg();
}
