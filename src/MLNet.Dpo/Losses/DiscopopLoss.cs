using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// DiscoPOP, the log-ratio modulated loss (arXiv 2406.08414, equation 5): with x = β · (Δchosen - Δrejected) and m = σ(x/τ), the blend
/// (1 - m) · -log σ(x) + m · exp(-x). TRL calls it <c>discopop</c>, τ <c>discopop_tau</c>.
/// </summary>
internal sealed class DiscopopLoss(double beta, double tau) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs)
    {
        var logits = pairs.DeltaScores * beta;
        var modulation = logits / tau;
        var logistic = (-modulation).sigmoid() * nn.functional.logsigmoid(logits);
        var exponential = (nn.functional.logsigmoid(modulation) - logits).exp(); // as a product it would be 0 · ∞ for very negative logits
        return exponential - logistic;
    }
}
