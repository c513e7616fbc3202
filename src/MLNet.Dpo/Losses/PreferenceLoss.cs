using static TorchSharp.torch;

namespace MLNet.Dpo;

/// <summary>Summed log-probabilities of pairs of responses under the policy and the reference; every tensor is [pairs].</summary>
internal sealed record PairLogps(Tensor PolicyChosen, Tensor PolicyRejected, Tensor ReferenceChosen, Tensor ReferenceRejected)
{
    /// <summary>log π(chosen) - log π_ref(chosen).</summary>
    internal Tensor ChosenLogRatios => PolicyChosen - ReferenceChosen;

    /// <summary>log π(rejected) - log π_ref(rejected).</summary>
    internal Tensor RejectedLogRatios => PolicyRejected - ReferenceRejected;
}

/// <summary>A preference loss: stateless, one value a pair, made of operators that autograd knows.</summary>
internal interface IPreferenceLoss
{
    /// <summary>The loss of each pair, [pairs].</summary>
    Tensor Losses(PairLogps pairs);
}
