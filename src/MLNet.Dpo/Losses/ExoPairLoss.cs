using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// EXO for pairs (arXiv 2402.00856, equation 16): the KL divergence of q = σ(β · (Δchosen - Δrejected)) from labels that are right with probability 1 - ε,
/// q · (log q - log(1 - ε)) + (1 - q) · (log(1 - q) - log ε). TRL calls it <c>exo_pair</c>, ε <c>label_smoothing</c>; it must be above 0. As in TRL, ε and the two
/// logarithms are rounded to float32.
/// </summary>
internal sealed class ExoPairLoss(double beta, double labelSmoothing) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs)
    {
        var logits = pairs.DeltaScores * beta;
        var right = logits.sigmoid() * (nn.functional.logsigmoid(logits) - (float)Math.Log(1 - (double)(float)labelSmoothing));
        var wrong = (-logits).sigmoid() * (nn.functional.logsigmoid(-logits) - (float)Math.Log((float)labelSmoothing));
        return right + wrong;
    }
}
