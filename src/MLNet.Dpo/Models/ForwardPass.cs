using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>What the layers of one forward pass share: the attention pattern, and each rotary embedding's rotations, computed once.</summary>
/// <param name="positions">[tokens], float32: each token's place in its own sequence.</param>
/// <param name="pattern">Who may look at whom.</param>
/// <param name="dtype">The model's type.</param>
internal sealed class ForwardPass(Tensor positions, IAttentionPattern pattern, ScalarType dtype) : IDisposable
{
    private readonly Dictionary<RotaryEmbedding, Rotation> _rotations = [];

    internal IAttentionPattern Pattern { get; } = pattern;

    /// <summary>Sees what the routers of mixtures of experts say; null where nobody asks.</summary>
    internal IRouterTap? Tap { get; init; }

    /// <summary>The rotations of the pass's positions; they live as long as the pass.</summary>
    internal Rotation RotationOf(RotaryEmbedding rotary)
    {
        if (!_rotations.TryGetValue(rotary, out var rotation)) _rotations[rotary] = rotation = rotary.At(positions, dtype, rotary.DependsOnLength ? Lengths() : null);
        return rotation;
    }

    private IReadOnlyList<int> Lengths() => Pattern.Lengths ?? [.. positions.to(TorchSharp.DeviceType.CPU).data<float>().ToArray().Select(position => (int)position + 1)];

    public void Dispose()
    {
        foreach (var rotation in _rotations.Values) rotation.Dispose();
    }
}
