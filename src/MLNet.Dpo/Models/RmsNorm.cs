using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>x / √(mean(x²) + ε) · w over the last dimension (arXiv 1910.07467), as transformers' LlamaRMSNorm computes it.</summary>
internal sealed class RmsNorm(Tensor weight, double eps)
{
    /// <summary>[hidden].</summary>
    internal Tensor Weight { get; } = weight;

    /// <summary>[tokens, hidden] -> [tokens, hidden].</summary>
    internal Tensor Forward(Tensor x)
    {
        var scale = x.square().mean([-1], keepdim: true).add_(eps).rsqrt(); // [tokens, 1]
        return x.mul(scale).mul(Weight);
    }
}
