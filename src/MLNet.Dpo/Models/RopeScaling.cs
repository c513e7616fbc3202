namespace MLNet.Dpo.Models;

/// <summary>Rotary position embedding settings (RoFormer, arXiv 2104.09864).</summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Scaling">How the frequencies are changed for longer contexts; null: not at all.</param>
internal sealed record RopeConfig(double Theta, RopeScaling? Scaling = null);

/// <summary>A change of the rotary frequencies that stretches the context; one <c>rope_type</c> of <c>config.json</c> each.</summary>
internal abstract record RopeScaling
{
    /// <summary>The changed frequencies.</summary>
    /// <param name="frequencies">Radians a position, one for each pair of dimensions, falling.</param>
    internal abstract double[] Apply(double[] frequencies);
}

/// <summary>Linear scaling (position interpolation, arXiv 2306.15595): every wavelength becomes <paramref name="Factor"/> times as long.</summary>
internal sealed record LinearRopeScaling(double Factor) : RopeScaling
{
    internal override double[] Apply(double[] frequencies) => [.. frequencies.Select(frequency => frequency / Factor)];
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
    internal override double[] Apply(double[] frequencies) => [.. frequencies.Select(Stretch)];

    private double Stretch(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalMaxPositionEmbeddings / HighFreqFactor) return frequency;
        if (wavelength > OriginalMaxPositionEmbeddings / LowFreqFactor) return frequency / Factor;
        var smooth = (OriginalMaxPositionEmbeddings / wavelength - LowFreqFactor) / (HighFreqFactor - LowFreqFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}
