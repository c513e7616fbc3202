using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>No normalisation, where a layer has none.</summary>
internal sealed class NoNorm : INorm
{
    public Tensor Forward(Tensor x) => x;
}

/// <summary>Gemma's RMS norm: its weight is stored minus 1, so x / √(mean(x²) + ε) · (1 + w), rounded to the model's type at the end.</summary>
/// <param name="weight">[hidden].</param>
/// <param name="eps">ε.</param>
internal sealed class GemmaRmsNorm(Weight weight, double eps) : INorm
{
    private static readonly Scalar One = 1;
    private readonly Scalar _eps = eps;

    public Tensor Forward(Tensor x)
    {
        var wide = x.to(float32);
        var scale = wide.Squared().mean([-1], keepdim: true).PlusInPlace(_eps).rsqrt();
        return wide.mul(scale).mul(weight.Value.to(float32).Plus(One)).to(x.dtype);
    }
}

/// <summary>Layer normalisation (arXiv 1607.06450): (x - mean) / √(variance + ε) · w + b.</summary>
/// <param name="weight">[hidden].</param>
/// <param name="bias">[hidden]; null for none.</param>
/// <param name="eps">ε.</param>
internal sealed class LayerNorm(Weight weight, Weight? bias, double eps) : INorm
{
    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x, [x.size(-1)], weight, bias, eps);
}

/// <summary>Layer normalisation of each head, with a weight for each: [tokens, heads, D].</summary>
/// <param name="weight">Gives [heads, D].</param>
/// <param name="eps">ε.</param>
internal sealed class HeadLayerNorm(Func<Tensor> weight, double eps) : INorm
{
    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x.to(float32), [x.size(-1)], null, null, eps).mul(weight().to(float32)).to(x.dtype);
}

/// <summary>A norm over all heads of a token together: [tokens, heads, D] as [tokens, heads · D].</summary>
internal sealed class FullWidthNorm(INorm inner) : INorm
{
    public Tensor Forward(Tensor x) => inner.Forward(x.flatten(1)).view(x.shape);
}
