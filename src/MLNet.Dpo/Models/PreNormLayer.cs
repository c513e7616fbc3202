using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A pre-norm decoder layer: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class PreNormLayer(INorm inputNorm, IDecoderModule attention, INorm postAttentionNorm, IDecoderModule mlp) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [.. attention.Projections, .. mlp.Projections];

    /// <summary>[tokens, hidden] -> [tokens, hidden]. Intermediate results end with the layer; autograd keeps what backward needs.</summary>
    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var attended = attention.Forward(inputNorm.Forward(x), pass).PlusInPlace(x);
        return mlp.Forward(postAttentionNorm.Forward(attended), pass).PlusInPlace(attended).MoveToOuterDisposeScope();
    }
}
