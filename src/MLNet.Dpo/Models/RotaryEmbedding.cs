using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Rotary position embedding (arXiv 2104.09864) in the half-rotated layout of Hugging Face's checkpoints.</summary>
/// <param name="rope">Base and scaling of the frequencies.</param>
/// <param name="headDim">D.</param>
internal sealed class RotaryEmbedding(RopeConfig rope, int headDim)
{
    private readonly float[] _frequencies = Frequencies(rope, headDim); // [D/2]

    /// <summary>The rotations of the given positions, owned by the caller and by no dispose scope.</summary>
    /// <param name="positions">[tokens], float32.</param>
    /// <param name="dtype">The type of the tables; angles are computed in float32.</param>
    internal Rotation At(Tensor positions, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var angles = outer(positions, tensor(_frequencies, device: positions.device)); // [tokens, D/2]
        return new Rotation(
            angles.cos().to(dtype).unsqueeze(1).DetachFromDisposeScope(),
            angles.sin().to(dtype).unsqueeze(1).DetachFromDisposeScope());
    }

    private static float[] Frequencies(RopeConfig rope, int headDim)
    {
        double[] frequencies = [.. Enumerable.Range(0, headDim / 2).Select(i => 1 / Math.Pow(rope.Theta, 2.0 * i / headDim))];
        return [.. (rope.Scaling?.Apply(frequencies) ?? frequencies).Select(frequency => (float)frequency)];
    }
}

/// <summary>Cosines and sines of a token list's angles.</summary>
/// <param name="Cos">[tokens, 1, D/2].</param>
/// <param name="Sin">[tokens, 1, D/2].</param>
internal sealed record Rotation(Tensor Cos, Tensor Sin) : IDisposable
{
    /// <summary>Rotates each head of [tokens, heads, D]: pairs are (i, i + D/2).</summary>
    internal Tensor Apply(Tensor x)
    {
        var half = x.size(-1) / 2;
        var first = x.narrow(-1, 0, half);
        var second = x.narrow(-1, half, half);
        return cat([first * Cos - second * Sin, (second * Cos).Plus(first * Sin)], -1);
    }

    public void Dispose()
    {
        Cos.Dispose();
        Sin.Dispose();
    }
}
