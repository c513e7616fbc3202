using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>x / √(mean(x²) + ε) · w over the last dimension (arXiv 1910.07467), as transformers' LlamaRMSNorm computes it.</summary>
/// <param name="weight">[hidden].</param>
/// <param name="eps">ε.</param>
internal sealed class RmsNorm(Weight weight, double eps) : INorm
{
    private readonly Scalar _eps = eps; // a Scalar must live as long as TorchSharp's call with it, which does not hold it

    public Tensor Forward(Tensor x)
    {
        // In float32 the time saved is small, and TorchSharp's functions hold memory as large as their result until the backward pass.
        if (x.dtype != float32 && is_grad_enabled() && (x.requires_grad || weight.Leaf.requires_grad)) return Differentiable.apply(x, weight.Value, _eps);
        using var scope = NewDisposeScope();
        return Normalize(x, weight, _eps).Result.MoveToOuterDisposeScope();
    }

    // Scale: 1 / √(mean(x²) + ε), [tokens, 1].
    private static (Tensor Result, Tensor Scale) Normalize(Tensor x, Tensor weight, Scalar eps)
    {
        var wide = Wide(x);
        var scale = wide.Squared().mean([-1], keepdim: true).PlusInPlace(eps).rsqrt();
        return (wide.mul(scale).to(x.dtype).mul(weight), scale);
    }

    // Statistics are in float32; float64 stays, for those who check gradients.
    private static Tensor Wide(Tensor x) => x.dtype == ScalarType.Float64 ? x : x.to(float32);

    /// <summary>
    /// The same with a backward pass of its own: half as many passes over [tokens, hidden] as autograd takes operator by operator, and no float32 copy of a narrow x is kept for it.
    /// </summary>
    private sealed class Differentiable : autograd.SingleTensorFunction<Differentiable>
    {
        private const string TrainsWeight = nameof(TrainsWeight);
        private static readonly Scalar Minus = -1;

        public override string Name => nameof(RmsNorm);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            using var scope = NewDisposeScope();
            var (x, weight) = ((Tensor)vars[0], (Tensor)vars[1]);
            var (result, scale) = Normalize(x, weight, (Scalar)vars[2]);
            ctx.save_for_backward([x, weight, scale.MoveToOuterDisposeScope()]);
            ctx.save_data(TrainsWeight, weight.requires_grad);
            return result.MoveToOuterDisposeScope();
        }

        // With n = wide · scale and h = gradient · w: dx = scale · (h - n · mean(h · n)), dw = Σ gradient · n over the tokens.
        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var (x, weight, scale) = (saved[0], saved[1], saved[2]);
            var wide = Wide(x);
            var weightGradient = (bool)ctx.get_data(TrainsWeight) ? gradient.mul(wide.mul(scale).to(x.dtype)).reshape(-1, x.size(-1)).sum([0L]).MoveToOuterDisposeScope() : null;
            var h = Wide(gradient.mul(weight)); // [tokens, hidden], as wide
            var along = h.mul(wide).mean([-1], keepdim: true).mul_(scale.mul(scale).mul_(scale)); // [tokens, 1]
            return [h.mul_(scale).addcmul_(wide, along, Minus).to(x.dtype).MoveToOuterDisposeScope(), weightGradient!, null!];
        }
    }
}
