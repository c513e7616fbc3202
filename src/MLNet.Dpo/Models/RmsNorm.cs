using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>x / √(mean(x²) + ε) · w over the last dimension (arXiv 1910.07467), as transformers' LlamaRMSNorm computes it.</summary>
/// <param name="weight">[hidden].</param>
/// <param name="eps">ε.</param>
internal sealed class RmsNorm(Tensor weight, double eps) : INorm
{
    private readonly Scalar _eps = eps; // a Scalar must live as long as TorchSharp's call with it, which does not hold it

    public Tensor Forward(Tensor x)
    {
        var wide = x.to(float32);
        var scale = wide.Squared().mean([-1], keepdim: true).PlusInPlace(_eps).rsqrt(); // [tokens, 1]
        return wide.mul(scale).to(x.dtype).mul(weight);
    }
}
