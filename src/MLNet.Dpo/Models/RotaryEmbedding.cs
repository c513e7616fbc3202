using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Rotary position embedding (arXiv 2104.09864) in the half-rotated layout of Hugging Face's checkpoints.</summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _inverseFrequencies; // [D/2]

    internal RotaryEmbedding(RopeConfig rope, int headDim, Device device) =>
        _inverseFrequencies = tensor(InverseFrequencies(rope, headDim), device: device).DetachFromDisposeScope();

    /// <summary>The rotations of the given positions.</summary>
    /// <param name="positions">[tokens], float32.</param>
    internal Rotation At(Tensor positions)
    {
        using var scope = NewDisposeScope();
        var angles = outer(positions, _inverseFrequencies); // [tokens, D/2]
        return new Rotation(
            angles.cos().unsqueeze(1).MoveToOuterDisposeScope(),
            angles.sin().unsqueeze(1).MoveToOuterDisposeScope());
    }

    public void Dispose() => _inverseFrequencies.Dispose();

    private static float[] InverseFrequencies(RopeConfig rope, int headDim)
    {
        var frequencies = new float[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var frequency = 1 / Math.Pow(rope.Theta, 2.0 * i / headDim);
            if (rope.Llama3 is { } llama3) frequency = Stretch(frequency, llama3);
            frequencies[i] = (float)(frequency / rope.LinearFactor);
        }
        return frequencies;
    }

    private static double Stretch(double frequency, Llama3RopeScaling scaling)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < scaling.OriginalMaxPositionEmbeddings / scaling.HighFreqFactor) return frequency;
        if (wavelength > scaling.OriginalMaxPositionEmbeddings / scaling.LowFreqFactor) return frequency / scaling.Factor;
        var smooth = (scaling.OriginalMaxPositionEmbeddings / wavelength - scaling.LowFreqFactor) / (scaling.HighFreqFactor - scaling.LowFreqFactor);
        return (1 - smooth) * frequency / scaling.Factor + smooth * frequency;
    }
}

/// <summary>Cosines and sines of a token list's angles.</summary>
/// <param name="Cos">[tokens, 1, D/2].</param>
/// <param name="Sin">[tokens, 1, D/2].</param>
internal sealed record Rotation(Tensor Cos, Tensor Sin)
{
    /// <summary>Rotates each head of [tokens, heads, D]: pairs are (i, i + D/2).</summary>
    internal Tensor Apply(Tensor x)
    {
        var half = x.size(-1) / 2;
        var first = x.narrow(-1, 0, half);
        var second = x.narrow(-1, half, half);
        return cat([first * Cos - second * Sin, second * Cos + first * Sin], -1);
    }
}
