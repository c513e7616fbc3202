using MLNet.Dpo.Files.Safetensors;
using TorchSharp;
using TorchSharp.Modules;
using static MLNet.Dpo.Benchmarks.BenchmarkModel;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.Dpo.Benchmarks;

/// <summary>y = W x + (alpha / r) B A x with W frozen, as PEFT's LoRA.</summary>
internal sealed class LoraLinear : Module<Tensor, bool, Tensor>
{
    private readonly Parameter _weight;
    private readonly Parameter _a;
    private readonly Parameter _b;

    public LoraLinear(SafetensorsCheckpoint weights, SafetensorsCheckpoint adapter, string name) : base(name)
    {
        _weight = TorchSharpDecoder.Frozen(weights, name + ".weight");
        _a = new Parameter(TensorSafetensors.Read(adapter, $"base_model.model.{name}.lora_A.weight", ScalarType.Float32, CPU));
        _b = new Parameter(TensorSafetensors.Read(adapter, $"base_model.model.{name}.lora_B.weight", ScalarType.Float32, CPU));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, bool adapters)
    {
        var y = functional.linear(x, _weight);
        return adapters ? y.add(functional.linear(functional.linear(x, _a), _b), alpha: (double)LoraAlpha / LoraRank) : y;
    }
}

/// <summary>Root mean square norm.</summary>
internal sealed class RmsNorm : Module<Tensor, Tensor>
{
    private readonly Parameter _weight;

    public RmsNorm(SafetensorsCheckpoint weights, string name) : base(name)
    {
        _weight = TorchSharpDecoder.Frozen(weights, name + ".weight");
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => _weight * (x * torch.rsqrt(x.pow(2).mean([-1], keepdim: true) + RmsEps));
}

/// <summary>A decoder layer: attention by libtorch's own fused kernel with keys and values repeated, as transformers calls it, and a gated MLP.</summary>
internal sealed class DecoderLayer : Module<Tensor, Tensor, Tensor, bool, Tensor>
{
    private readonly RmsNorm _inputNorm;
    private readonly RmsNorm _mlpNorm;
    private readonly LoraLinear _q;
    private readonly LoraLinear _k;
    private readonly LoraLinear _v;
    private readonly LoraLinear _o;
    private readonly LoraLinear _gate;
    private readonly LoraLinear _up;
    private readonly LoraLinear _down;

    public DecoderLayer(SafetensorsCheckpoint weights, SafetensorsCheckpoint adapter, int layer) : base($"layer{layer}")
    {
        var prefix = $"model.layers.{layer}.";
        LoraLinear Linear(string name) => new(weights, adapter, prefix + name);
        (_inputNorm, _mlpNorm) = (new RmsNorm(weights, prefix + "input_layernorm"), new RmsNorm(weights, prefix + "post_attention_layernorm"));
        (_q, _k, _v, _o) = (Linear("self_attn.q_proj"), Linear("self_attn.k_proj"), Linear("self_attn.v_proj"), Linear("self_attn.o_proj"));
        (_gate, _up, _down) = (Linear("mlp.gate_proj"), Linear("mlp.up_proj"), Linear("mlp.down_proj"));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor cos, Tensor sin, bool adapters)
    {
        using var scope = NewDisposeScope(); // what autograd does not keep is freed here
        var attended = x + Attention(_inputNorm.forward(x), cos, sin, adapters);
        var h = _mlpNorm.forward(attended);
        return (attended + _down.forward(functional.silu(_gate.forward(h, adapters)) * _up.forward(h, adapters), adapters)).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor x, Tensor cos, Tensor sin, bool adapters)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        Tensor SplitHeads(Tensor t) => t.view(batch, length, -1, HeadDim).transpose(1, 2); // [B, T, H*D] -> [B, H, T, D]
        var q = Rotate(SplitHeads(_q.forward(x, adapters)), cos, sin);
        var k = Repeat(Rotate(SplitHeads(_k.forward(x, adapters)), cos, sin));
        var v = Repeat(SplitHeads(_v.forward(x, adapters)));
        // Right padding comes after every real token, so the causal mask alone keeps it out.
        var attended = functional.scaled_dot_product_attention(q, k, v, is_casual: true);
        return _o.forward(attended.transpose(1, 2).reshape(batch, length, -1), adapters);
    }

    private static Tensor Rotate(Tensor x, Tensor cos, Tensor sin)
    {
        var halves = x.chunk(2, -1);
        return (x * cos) + (torch.cat([-halves[1], halves[0]], -1) * sin);
    }

    private static Tensor Repeat(Tensor x) => x.repeat_interleave(Heads / KeyValueHeads, dim: 1);
}

/// <summary>The decoder: token ids [B, T] to logits at all positions [B, T, vocabulary].</summary>
internal sealed class TorchSharpDecoder : Module<Tensor, bool, Tensor>
{
    private readonly Parameter _embeddings;
    private readonly ModuleList<DecoderLayer> _layers;
    private readonly RmsNorm _norm;

    public TorchSharpDecoder(SafetensorsCheckpoint weights, SafetensorsCheckpoint adapter) : base("decoder")
    {
        _embeddings = Frozen(weights, "model.embed_tokens.weight");
        _layers = new ModuleList<DecoderLayer>([.. Enumerable.Range(0, Layers).Select(layer => new DecoderLayer(weights, adapter, layer))]);
        _norm = new RmsNorm(weights, "model.norm");
        RegisterComponents();
    }

    public static Parameter Frozen(SafetensorsCheckpoint weights, string name) => new(TensorSafetensors.Read(weights, name, ScalarType.Float32, CPU), requires_grad: false);

    public override Tensor forward(Tensor ids, bool adapters)
    {
        using var scope = NewDisposeScope();
        var frequencies = torch.pow(RopeTheta, arange(0, HeadDim, 2, dtype: float32) / -HeadDim);
        var angles = outer(arange(ids.shape[1], dtype: float32), frequencies).repeat(1, 2); // [T, D]
        var (cos, sin) = (angles.cos(), angles.sin());
        var x = _embeddings.index_select(0, ids.view(-1)).view(ids.shape[0], ids.shape[1], Hidden);
        foreach (var layer in _layers) x = layer.forward(x, cos, sin, adapters);
        return functional.linear(_norm.forward(x), _embeddings).MoveToOuterDisposeScope();
    }
}
