using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>One pre-norm decoder layer: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class DecoderLayer(RmsNorm inputNorm, Attention attention, RmsNorm postAttentionNorm, Mlp mlp)
{
    internal IEnumerable<Linear> Projections => [.. attention.Projections, .. mlp.Projections];

    /// <summary>[tokens, hidden] -> [tokens, hidden]. Intermediate results end with the layer; autograd keeps what backward needs.</summary>
    internal Tensor Forward(Tensor x, Rotation rotation, IAttentionPattern pattern)
    {
        using var scope = NewDisposeScope();
        var attended = attention.Forward(inputNorm.Forward(x), rotation, pattern).add_(x);
        return mlp.Forward(postAttentionNorm.Forward(attended)).add_(attended).MoveToOuterDisposeScope();
    }
}
