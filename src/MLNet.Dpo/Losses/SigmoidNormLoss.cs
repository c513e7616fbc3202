using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// Length-normalized DPO (Tülu 3, arXiv 2411.15124, section 5): -log σ(β · (Δchosen/tokens of the chosen - Δrejected/tokens of the rejected)).
/// TRL calls it <c>sigmoid_norm</c>.
/// </summary>
internal sealed class SigmoidNormLoss(double beta) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) => nn.functional.logsigmoid(pairs.DeltaScoresPerToken * beta).neg();
}
