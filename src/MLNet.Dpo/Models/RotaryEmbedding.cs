using MLNet.Dpo.Arithmetic;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Which two dimensions of a head are turned together; D is the rotated width.</summary>
internal enum RotaryLayout
{
    /// <summary>i and i + D/2, as most of Hugging Face's checkpoints have it.</summary>
    Halves,

    /// <summary>2i and 2i + 1, as GPT-J, Cohere, GLM and ERNIE have it.</summary>
    Interleaved,
}

/// <summary>Rotary position embedding (arXiv 2104.09864).</summary>
/// <param name="rope">Base, scaling and share of the rotated dimensions.</param>
/// <param name="headDim">Width of a head.</param>
/// <param name="layout">Which dimensions are turned together.</param>
internal sealed class RotaryEmbedding(RopeConfig rope, int headDim, RotaryLayout layout = RotaryLayout.Halves)
{
    private readonly float[] _frequencies = Frequencies(rope, headDim, 0); // [D/2]

    /// <summary>Whether <see cref="At"/> needs the sequences' lengths.</summary>
    internal bool DependsOnLength { get; } = rope.Scaling?.DependsOnLength ?? false;

    /// <summary>The rotations of the given positions, owned by the caller and by no dispose scope.</summary>
    /// <param name="positions">[tokens], float32.</param>
    /// <param name="dtype">The type of the tables; angles are computed in float32.</param>
    /// <param name="lengths">[tokens]: the tokens of each row's whole sequence; null where nothing depends on them.</param>
    internal Rotation At(Tensor positions, ScalarType dtype, IReadOnlyList<int>? lengths = null)
    {
        using var scope = NewDisposeScope();
        var angles = DependsOnLength && lengths is not null
            ? positions.unsqueeze(1).mul(FrequenciesOf(lengths, positions.device))
            : outer(positions, tensor(_frequencies, device: positions.device)); // [tokens, D/2]
        return new Rotation(Table(angles.cos(), dtype), Table(angles.sin(), dtype), layout);
    }

    private Tensor Table(Tensor table, ScalarType dtype)
    {
        var factor = rope.Scaling?.AttentionFactor ?? 1;
        return (factor == 1 ? table : table.mul(HeldNumbers.Number(factor).to(table.device))).to(dtype).unsqueeze(1).DetachFromDisposeScope();
    }

    // [tokens, D/2]: each row's by its sequence's regime, computed once a regime.
    private Tensor FrequenciesOf(IReadOnlyList<int> lengths, Device device)
    {
        var rows = new List<float>();
        var rowOf = new Dictionary<int, long>();
        long[] index = [.. lengths.Select(length =>
        {
            var regime = rope.Regime(length);
            if (rowOf.TryGetValue(regime, out var row)) return row;
            rows.AddRange(Frequencies(rope, headDim, length));
            return rowOf[regime] = rowOf.Count;
        })];
        return tensor(rows.ToArray(), [rowOf.Count, _frequencies.Length], device: device).index_select(0, tensor(index, device: device));
    }

    private static float[] Frequencies(RopeConfig rope, int headDim, int length)
    {
        var dim = rope.RotaryDim(headDim);
        return [.. (rope.Scaling?.Frequencies(rope.Theta, dim, length) ?? RopeScaling.Plain(rope.Theta, dim)).Select(frequency => (float)frequency)];
    }
}

/// <summary>Cosines and sines of a token list's angles.</summary>
/// <param name="Cos">[tokens, 1, D/2].</param>
/// <param name="Sin">[tokens, 1, D/2].</param>
/// <param name="Layout">Which dimensions are turned together.</param>
internal sealed record Rotation(Tensor Cos, Tensor Sin, RotaryLayout Layout = RotaryLayout.Halves) : IDisposable
{
    // For halves: [tokens, 1, D] each.
    private readonly Lazy<Tensor> _cosines = new(() => Own(() => cat([Cos, Cos], -1))), _sines = new(() => Own(() => cat([Sin.neg(), Sin], -1)));

    /// <summary>Rotates the first D dimensions of each head of [tokens, heads, head dim].</summary>
    internal Tensor Apply(Tensor x)
    {
        var (width, dim) = (2 * Cos.size(-1), x.size(-1));
        if (width == dim) return Rotate(x);
        return cat([Rotate(x.narrow(-1, 0, width)), x.narrow(-1, width, dim - width)], -1);
    }

    private Tensor Rotate(Tensor x) => Layout == RotaryLayout.Halves ? RotateHalves(x) : RotateNeighbours(x);

    // Half by half it would be the same numbers, but autograd's way back through halves fills [tokens, heads, D] with zeros four times.
    private Tensor RotateHalves(Tensor x) => x.mul(_cosines.Value).PlusInPlace(x.roll(x.size(-1) / 2, -1).mul_(_sines.Value));

    private Tensor RotateNeighbours(Tensor x)
    {
        var pairs = x.reshape(x.size(0), x.size(1), -1, 2); // [tokens, heads, D/2, 2]
        var (first, second) = (pairs.select(-1, 0), pairs.select(-1, 1));
        return stack([first * Cos - second * Sin, (second * Cos).Plus(first * Sin)], -1).reshape(x.shape);
    }

    private static Tensor Own(Func<Tensor> make)
    {
        using var scope = NewDisposeScope();
        return make().DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var table in new[] { _cosines, _sines })
        {
            if (table.IsValueCreated) table.Value.Dispose();
        }
        Cos.Dispose();
        Sin.Dispose();
    }
}
