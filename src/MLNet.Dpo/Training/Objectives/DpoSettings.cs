using MLNet.Dpo.Losses;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>What <see cref="DpoObjective"/> minimises, and how many rows it runs at a time.</summary>
/// <param name="LossType">The preference loss.</param>
/// <param name="Loss">The numbers that it reads.</param>
/// <param name="DpoLossScale">Weight of the preference loss.</param>
/// <param name="LmLossScale">Weight of the language-model loss; 0 for none.</param>
/// <param name="LdAlpha">See <see cref="TokenWeights"/>; null for 1.</param>
/// <param name="PairWeighting">What weighs the same.</param>
/// <param name="MaxTokens">The token budget of a micro-batch.</param>
/// <param name="MaxEvalRows">The most rows that are evaluated at a time.</param>
internal sealed record DpoSettings(
    DpoLossType LossType, LossSettings Loss, double DpoLossScale = 1, double LmLossScale = 0, double? LdAlpha = null, PairWeighting PairWeighting = PairWeighting.Pairs,
    int MaxTokens = int.MaxValue, int MaxEvalRows = int.MaxValue);
