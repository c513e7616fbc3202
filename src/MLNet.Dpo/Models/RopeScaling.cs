namespace MLNet.Dpo.Models;

/// <summary>Rotary position embedding settings (RoFormer, arXiv 2104.09864).</summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Scaling">How the frequencies are changed for longer contexts; null: not at all.</param>
/// <param name="PartialRotaryFactor">The share of a head's dimensions, from the first on, that is rotated.</param>
internal sealed record RopeConfig(double Theta, RopeScaling? Scaling = null, double PartialRotaryFactor = 1)
{
    /// <summary>Rotated dimensions of a head, as the formulas count them; of an odd number, one more is rotated.</summary>
    internal int RotaryDim(int headDim) => (int)(headDim * PartialRotaryFactor);

    /// <summary>Which frequencies a sequence of so many tokens has: two lengths of one regime have the same.</summary>
    internal int Regime(int length) => Scaling?.Regime(length) ?? 0;
}

/// <summary>A change of the rotary frequencies that stretches the context; one <c>rope_type</c> of <c>config.json</c> each.</summary>
internal abstract record RopeScaling
{
    /// <summary>What cosines and sines are multiplied by.</summary>
    internal virtual double AttentionFactor => 1;

    /// <summary>Whether frequencies depend on the sequence's length; <see cref="Regime"/> says how.</summary>
    internal virtual bool DependsOnLength => false;

    /// <summary>Sequences of one regime have the same frequencies.</summary>
    internal virtual int Regime(int length) => 0;

    /// <summary>The changed frequencies.</summary>
    /// <param name="theta">The base.</param>
    /// <param name="dim">Rotated dimensions of a head.</param>
    /// <param name="length">Tokens of the whole sequence; matters only where <see cref="DependsOnLength"/> says so.</param>
    /// <returns>Radians a position, one for each pair of dimensions.</returns>
    internal abstract double[] Frequencies(double theta, int dim, int length);

    /// <summary>The unchanged frequencies θ^(-2i/dim), falling.</summary>
    internal static double[] Plain(double theta, int dim) => [.. Enumerable.Range(0, (dim + 1) / 2).Select(i => 1 / Math.Pow(theta, 2.0 * i / dim))];
}

/// <summary>Linear scaling (position interpolation, arXiv 2306.15595): every wavelength becomes <paramref name="Factor"/> times as long.</summary>
internal sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    internal override double[] Frequencies(double theta, int dim, int length) => [.. Plain(theta, dim).Select(frequency => frequency / Factor)];
}

/// <summary>
/// Dynamic NTK scaling: up to <c>MaxPositionEmbeddings</c> tokens nothing is changed, beyond them the base grows with the sequence's length.
/// </summary>
/// <param name="Factor">How strongly it grows.</param>
/// <param name="MaxPositionEmbeddings">The context length before stretching, in tokens.</param>
internal sealed record DynamicRopeScaling(double Factor, int MaxPositionEmbeddings) : RopeScaling
{
    internal override bool DependsOnLength => true;

    internal override int Regime(int length) => Math.Max(0, length - MaxPositionEmbeddings);

    internal override double[] Frequencies(double theta, int dim, int length)
    {
        var stretch = (Factor * Math.Max(length, MaxPositionEmbeddings) / MaxPositionEmbeddings) - (Factor - 1);
        return Plain(theta * Math.Pow(stretch, dim / (dim - 2.0)), dim);
    }
}

/// <summary>NTK scaling by a fixed alpha, as Hunyuan has it: the base grows once and for all.</summary>
internal sealed record AlphaRopeScaling(double Alpha) : RopeScaling
{
    internal override double[] Frequencies(double theta, int dim, int length) => Plain(theta * Math.Pow(Alpha, dim / (dim - 2.0)), dim);
}

/// <summary>
/// Llama 3's rope scaling: wavelengths longer than <c>OriginalMaxPositionEmbeddings / LowFreqFactor</c> are stretched by <c>Factor</c>,
/// those shorter than <c>OriginalMaxPositionEmbeddings / HighFreqFactor</c> are kept, and between the two it is interpolated.
/// </summary>
/// <param name="Factor">How many times longer the low frequencies' wavelengths become.</param>
/// <param name="LowFreqFactor">Sets the wavelength above which a frequency is fully stretched.</param>
/// <param name="HighFreqFactor">Sets the wavelength below which a frequency is kept.</param>
/// <param name="OriginalMaxPositionEmbeddings">The context length before stretching, in tokens.</param>
internal sealed record Llama3RopeScaling(double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositionEmbeddings) : RopeScaling
{
    internal override double[] Frequencies(double theta, int dim, int length) => [.. Plain(theta, dim).Select(Stretch)];

    private double Stretch(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalMaxPositionEmbeddings / HighFreqFactor) return frequency;
        if (wavelength > OriginalMaxPositionEmbeddings / LowFreqFactor) return frequency / Factor;
        var smooth = (OriginalMaxPositionEmbeddings / wavelength - LowFreqFactor) / (HighFreqFactor - LowFreqFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}

/// <summary>
/// YaRN (arXiv 2309.00071): pairs that turn more than <c>BetaFast</c> times within the original context are kept, those that turn less than <c>BetaSlow</c> times are
/// stretched, a ramp lies between; attention is sharpened.
/// </summary>
/// <param name="Factor">How many times longer the context becomes.</param>
/// <param name="Sharpening">The attention factor.</param>
/// <param name="BetaFast">Turns above which a pair is kept.</param>
/// <param name="BetaSlow">Turns below which a pair is stretched.</param>
/// <param name="Truncate">Whether the ramp's ends are whole dimensions.</param>
/// <param name="OriginalMaxPositionEmbeddings">The context length before stretching, in tokens.</param>
internal sealed record YarnRopeScaling(
    double Factor, double Sharpening, double BetaFast, double BetaSlow, bool Truncate, int OriginalMaxPositionEmbeddings) : RopeScaling
{
    internal override double AttentionFactor => Sharpening;

    internal override double[] Frequencies(double theta, int dim, int length)
    {
        var (low, high) = (DimensionOf(BetaFast, theta, dim), DimensionOf(BetaSlow, theta, dim));
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, dim - 1));
        if (low == high) high += 0.001;
        return [.. Plain(theta, dim).Select((frequency, i) =>
        {
            var stretched = Math.Clamp((i - low) / (high - low), 0, 1);
            return (frequency / Factor * stretched) + (frequency * (1 - stretched));
        })];
    }

    // The pair, counted in fractions, that turns so often within the original context.
    private double DimensionOf(double turns, double theta, int dim) =>
        dim * Math.Log(OriginalMaxPositionEmbeddings / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
}

/// <summary>
/// LongRoPE (arXiv 2402.13753): each pair's wavelength has a factor of its own, another one where the sequence is longer than the original context.
/// </summary>
/// <param name="ShortFactor">Factors up to the original context, one for each pair.</param>
/// <param name="LongFactor">Factors beyond it.</param>
/// <param name="Sharpening">The attention factor, of both.</param>
/// <param name="OriginalMaxPositionEmbeddings">The context length before stretching, in tokens.</param>
internal sealed record LongRopeScaling(ValueList<double> ShortFactor, ValueList<double> LongFactor, double Sharpening, int OriginalMaxPositionEmbeddings) : RopeScaling
{
    internal override double AttentionFactor => Sharpening;

    internal override bool DependsOnLength => true;

    internal override int Regime(int length) => length > OriginalMaxPositionEmbeddings ? 1 : 0;

    internal override double[] Frequencies(double theta, int dim, int length)
    {
        var factors = Regime(length) == 1 ? LongFactor : ShortFactor;
        return [.. Plain(theta, dim).Select((frequency, i) => frequency / factors[i])];
    }
}
