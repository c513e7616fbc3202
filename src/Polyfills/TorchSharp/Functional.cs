namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op LinearOp = new("aten::linear"), SiluOp = new("aten::silu"), SiluOp_ = new("aten::silu_"), LogSigmoidOp = new("aten::log_sigmoid");

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => LinearOp.Call(input, weights, bias);

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? SiluOp_.CallInPlace(x) : SiluOp.Call(x);

            public static Tensor logsigmoid(Tensor x) => LogSigmoidOp.Call(x);

            /// <summary>
            /// softmax(query · keyᵀ / √E + mask) · value over the last two dimensions, composed of operators that libtorch 1.13 has.
            /// A boolean mask is true where a query may look; a floating-point mask is added to the scores.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (p != 0) throw new NotSupportedException("Dropout in scaled_dot_product_attention is not covered by this polyfill.");
                if (is_casual && attn_mask is not null) throw new ArgumentException("Explicit attn_mask should not be set when is_causal=True");
                using var scope = NewDisposeScope();
                var scale = 1 / Math.Sqrt(query.size(-1));
                var scores = query.mul(scale).matmul(key.transpose(-2, -1));
                if (is_casual) attn_mask = CausalMask(query, key);
                if (attn_mask is not null) scores = AddMask(scores, attn_mask);
                return scores.softmax(-1).matmul(value).MoveToOuterDisposeScope();
            }

            private static Tensor CausalMask(Tensor query, Tensor key) =>
                ones([query.size(-2), key.size(-2)], @bool, query.device).tril();

            // The scores are an intermediate that no backward formula keeps, so the mask can be written into them.
            private static Tensor AddMask(Tensor scores, Tensor mask) =>
                scores.add_(mask.dtype == @bool ? zeros(mask.shape, scores.dtype, scores.device).masked_fill(mask.logical_not(), double.NegativeInfinity) : mask);
        }
    }
}
