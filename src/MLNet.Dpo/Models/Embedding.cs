using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Token ids to rows of the residual stream.</summary>
internal interface IEmbedding
{
    /// <summary>[tokens], int64, with [tokens] positions, float32 -> [tokens, hidden].</summary>
    Tensor Forward(Tensor tokens, Tensor positions);
}

/// <summary>The token embedding.</summary>
/// <param name="weight">[vocabulary, hidden].</param>
internal sealed class Embedding(Weight weight) : IEmbedding
{
    public Tensor Forward(Tensor tokens, Tensor positions) => weight.Value.index_select(0, tokens);
}

/// <summary>The token embedding times a number, which is rounded to the model's type first, as transformers does.</summary>
/// <param name="weight">[vocabulary, hidden].</param>
/// <param name="factor">The number.</param>
internal sealed class ScaledEmbedding(Weight weight, double factor) : IEmbedding
{
    private readonly Scalar _factor = Rounded(factor, weight.Stored.dtype);

    public Tensor Forward(Tensor tokens, Tensor positions) => weight.Value.index_select(0, tokens).mul(_factor);

    private static float Rounded(double factor, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        return tensor((float)factor).to(dtype).to(float32).item<float>();
    }
}

/// <summary>The token embedding plus one of the position.</summary>
/// <param name="weight">[vocabulary, hidden].</param>
/// <param name="positionWeight">[positions, hidden].</param>
internal sealed class PositionedEmbedding(Weight weight, Weight positionWeight) : IEmbedding
{
    private static readonly Scalar One = 1;

    public Tensor Forward(Tensor tokens, Tensor positions) => weight.Value.index_select(0, tokens).add(positionWeight.Value.index_select(0, positions.to(int64)), One);
}
