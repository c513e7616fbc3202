using static TorchSharp.torch;

namespace MLNet.Dpo.Losses;

/// <summary>
/// Summed log-probabilities of pairs of responses under the policy and the reference, and the responses' lengths in tokens; every tensor is [pairs], of one type.
/// </summary>
internal sealed record PairLogps(Tensor PolicyChosen, Tensor PolicyRejected, Tensor ReferenceChosen, Tensor ReferenceRejected, Tensor ChosenLengths, Tensor RejectedLengths)
{
    /// <summary>log π(chosen) - log π_ref(chosen).</summary>
    internal Tensor ChosenLogRatios => PolicyChosen - ReferenceChosen;

    /// <summary>log π(rejected) - log π_ref(rejected).</summary>
    internal Tensor RejectedLogRatios => PolicyRejected - ReferenceRejected;

    /// <summary>The chosen response's log-ratio less the rejected one's (TRL's <c>delta_score</c>).</summary>
    internal Tensor DeltaScores => ChosenLogRatios - RejectedLogRatios;

    /// <summary>The same with each log-ratio divided by its response's length.</summary>
    internal Tensor DeltaScoresPerToken => (ChosenLogRatios / ChosenLengths) - (RejectedLogRatios / RejectedLengths);
}
