using MLNet.Dpo.Arithmetic;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A decoder layer whose two halves see the same rows (GPT-J's parallel residual): x + attention(norm(x)) + mlp(norm(x)).</summary>
internal sealed class ParallelLayer(INorm norm, IDecoderModule attention, IDecoderModule mlp) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [.. attention.Projections, .. mlp.Projections];

    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var normed = norm.Forward(x);
        return attention.Forward(normed, pass).PlusInPlace(x).PlusInPlace(mlp.Forward(normed, pass)).MoveToOuterDisposeScope();
    }
}
