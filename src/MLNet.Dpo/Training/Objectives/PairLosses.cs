using static MLNet.Dpo.Arithmetic.HeldNumbers;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>The loss of every pair, and the way back to the tokens.</summary>
/// <param name="Values">The losses, [pairs].</param>
/// <param name="Weights">What each weighs in the step's loss, [pairs]; all of a step's weights together are 1.</param>
/// <param name="TokenGradients">For each response of the pairs' rows, the derivative of the weighted sum of losses, times its scale, with respect to its tokens' log-probabilities; null when it was not asked for.</param>
internal sealed record PairLosses(double[] Values, double[] Weights, float[][]? TokenGradients)
{
    /// <summary>Runs the loss.</summary>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    internal static PairLosses Of(RowPairs pairs, double[] pairWeights, DpoSettings settings, TokenWeights tokenWeights, bool withGradient)
    {
        if (pairs.Count == 0) return new PairLosses([], [], [.. pairs.ScoredLengths.Select(length => new float[length])]);
        using var scope = NewDisposeScope();
        var logps = pairs.ToTensors(withGradient);
        var losses = settings.LossType.Losses(logps, settings.Loss);
        var values = losses.detach().data<double>().ToArray();
        CheckFinite(pairs, values);
        if (!withGradient) return new PairLosses(values, pairWeights, null);

        (losses * tensor(pairWeights) * Number(settings.DpoLossScale)).sum().backward();
        var gradients = pairs.ScoredLengths.Select(length => new float[length]).ToArray();
        Spread(logps.PolicyChosen, pairs.Chosen, pairs.Rejected, gradients, tokenWeights);
        Spread(logps.PolicyRejected, pairs.Rejected, pairs.Chosen, gradients, tokenWeights);
        return new PairLosses(values, pairWeights, gradients);
    }

    private static void Spread(Tensor logps, int[] responses, int[] others, float[][] gradients, TokenWeights weights)
    {
        var derivatives = logps.grad!.data<double>().ToArray();
        for (var i = 0; i < derivatives.Length; i++) weights.Spread(derivatives[i], gradients[responses[i]], gradients[others[i]].Length);
    }

    // A loss that sorts has its values in an order of its own: the pair is then found by its log-probabilities.
    private static void CheckFinite(RowPairs pairs, double[] losses)
    {
        var bad = Array.FindIndex(losses, value => !double.IsFinite(value));
        if (bad < 0) return;
        var broken = Array.FindIndex(pairs.PolicyChosen, logp => !double.IsFinite(logp));
        if (broken < 0) broken = Array.FindIndex(pairs.PolicyRejected, logp => !double.IsFinite(logp));
        var pair = broken < 0 ? bad : broken;
        throw new NonFiniteLossException(pairs.Rows[pair],
            $"Row {pairs.Rows[pair]}: the loss is {losses[bad]} (log-probabilities {pairs.PolicyChosen[pair]:g6} and {pairs.PolicyRejected[pair]:g6}); training stopped. Lower LearningRate or Beta, or look at the row.");
    }
}
