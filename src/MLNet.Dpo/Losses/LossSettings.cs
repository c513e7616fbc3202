namespace MLNet.Dpo.Losses;

/// <summary>The numbers that preference losses read.</summary>
/// <param name="Beta">β, above 0.</param>
/// <param name="LabelSmoothing">ε, 0 to below 0.5; 0 for losses that do not read it.</param>
/// <param name="DiscopopTau">τ, above 0.</param>
/// <param name="SimpoGamma">γ, 0 or more.</param>
internal sealed record LossSettings(
    double Beta, double LabelSmoothing = 0, double DiscopopTau = LossSettings.DefaultDiscopopTau, double SimpoGamma = LossSettings.DefaultSimpoGamma)
{
    internal const double DefaultDiscopopTau = 0.05;
    internal const double DefaultSimpoGamma = 0.5;
}
