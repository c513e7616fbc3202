using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// SPPO with hard labels (arXiv 2405.00675, equation 4.7 with a winning probability of 1 for the chosen and 0 for the rejected response; β is 1/η):
/// (Δchosen - 1/(2β))² + (Δrejected + 1/(2β))². TRL calls it <c>sppo_hard</c>.
/// </summary>
internal sealed class SppoHardLoss(double beta) : IPreferenceLoss
{
    private readonly double _target = 1 / (2 * beta);

    /// <inheritdoc/>
    public Tensor Losses(PairLogps pairs) => (pairs.ChosenLogRatios - _target).square() + (pairs.RejectedLogRatios + _target).square();
}
