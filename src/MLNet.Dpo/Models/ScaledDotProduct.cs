using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>softmax(q·kᵀ · scale + mask) · v: libtorch's fused kernel, and operator by operator where scores are soft-capped, which it cannot do.</summary>
internal static class ScaledDotProduct
{
    /// <summary>What computes it, as transformers names it; to be changed with the code below wherever that rounds otherwise.</summary>
    internal const string Kernel = "sdpa";

    /// <summary>Attends.</summary>
    /// <param name="q">[batch, heads, rows, D].</param>
    /// <param name="k">[batch, heads, keys, D].</param>
    /// <param name="v">[batch, heads, keys, D].</param>
    /// <param name="mask">Added to the scores, of q's type: 0 where a row may look, -inf where not; broadcast to [batch, heads, rows, keys].</param>
    /// <param name="settings">Scale and soft cap; the window is in the mask.</param>
    /// <returns>[batch, heads, rows, D].</returns>
    internal static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor mask, AttentionSettings settings)
    {
        var usual = 1 / Math.Sqrt(q.size(-1));
        var scale = settings.Scale ?? usual;
        if (settings.Sinks is { } sinks) return AttendWithSinks(q, k, v, mask, sinks.Value, scale);
        // A Scalar must live as long as TorchSharp's call with it, which does not hold it.
        if (settings.SoftCap is { } cap)
        {
            using Scalar squeeze = scale / cap, stretch = cap;
            var scores = q.matmul(k.transpose(-2, -1)).to(float32).mul(squeeze).tanh().mul(stretch);
            return scores.Plus(mask).softmax(-1).to(v.dtype).matmul(v);
        }
        // TorchSharp's function takes no scale: its own 1/√D is divided out of the queries.
        using Scalar own = scale / usual;
        return nn.functional.scaled_dot_product_attention(settings.Scale is null ? q : q.mul(own), k, v, mask);
    }

    // The sink is one more column of scores, whose share is given to nobody. Rows are [group, rows] within a key-value head.
    private static Tensor AttendWithSinks(Tensor q, Tensor k, Tensor v, Tensor mask, Tensor sinks, double scale)
    {
        using Scalar factor = scale;
        var scores = q.matmul(k.transpose(-2, -1)).to(float32).mul(factor).Plus(mask); // [batch, key-value heads, group * rows, keys]
        var group = sinks.size(0) / q.size(1);
        var column = sinks.to(float32).view(1, q.size(1), group, 1).expand(1, q.size(1), group, q.size(2) / group).reshape(1, q.size(1), q.size(2), 1);
        var shares = cat([scores, column.expand(q.size(0), q.size(1), q.size(2), 1)], -1).softmax(-1);
        return shares.narrow(-1, 0, k.size(2)).to(v.dtype).matmul(v);
    }
}
