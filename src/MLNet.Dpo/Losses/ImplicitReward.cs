namespace MLNet.Dpo.Losses;

/// <summary>The reward that a policy stands for (arXiv 2305.18290, equation 5): β · (log π - log π_ref) of a response.</summary>
internal static class ImplicitReward
{
    internal static double Of(double policyLogp, double referenceLogp, double beta) => beta * (policyLogp - referenceLogp);
}
