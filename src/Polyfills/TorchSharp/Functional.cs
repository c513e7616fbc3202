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
            /// softmax(query · keyᵀ / √E + mask) · value over the last two dimensions. A boolean mask is true where a query may look; a floating-point
            /// mask is added to the scores. The probabilities are not kept for the way back, but computed again there.
            /// </summary>
            public static Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0.0, bool is_casual = false)
            {
                if (p != 0) throw new NotSupportedException("Dropout in scaled_dot_product_attention is not covered by this polyfill.");
                if (is_casual && attn_mask is not null) throw new ArgumentException("Explicit attn_mask should not be set when is_causal=True");
                if (attn_mask is { requires_grad: true }) throw new NotSupportedException("The gradient of scaled_dot_product_attention's mask is not covered by this polyfill.");
                using var scope = NewDisposeScope();
                var mask = Additive(is_casual ? CausalMask(query, key) : attn_mask, query);
                var handle = Native.tsp_attention(query.Handle, key.Handle, value.Handle, mask?.Handle ?? 0, 1 / Math.Sqrt(query.size(-1)));
                GC.KeepAlive((query, key, value, mask));
                return handle == 0 ? throw Native.Failure() : new Tensor(handle).MoveToOuterDisposeScope();
            }

            private static Tensor CausalMask(Tensor query, Tensor key) =>
                ones([query.size(-2), key.size(-2)], @bool, query.device).tril();

            private static Tensor? Additive(Tensor? mask, Tensor query) =>
                mask?.dtype == @bool ? zeros(mask.shape, query.dtype, query.device).masked_fill(mask.logical_not(), double.NegativeInfinity) : mask;
        }
    }
}
