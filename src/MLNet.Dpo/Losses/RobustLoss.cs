using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// Robust DPO (arXiv 2403.00409, section 3.1): an unbiased estimate of the sigmoid loss when a share ε of the labels is swapped,
/// ((1 - ε) · L(chosen, rejected) - ε · L(rejected, chosen)) / (1 - 2ε). It may be negative. TRL calls it <c>robust</c>, ε <c>label_smoothing</c>.
/// </summary>
internal sealed class RobustLoss(double beta, double labelSmoothing) : IPreferenceLoss
{
    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs)
    {
        var logits = pairs.DeltaScores * beta;
        var swapped = nn.functional.logsigmoid(-logits) * labelSmoothing;
        return (swapped - (nn.functional.logsigmoid(logits) * (1 - labelSmoothing))) / (1 - (2 * labelSmoothing));
    }
}
