using MLNet.Dpo.Adapters;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// A decoder-only language model: embedding, layers, final norm and head. It runs packed token rows (no padding) under an attention
/// pattern; the head is apart, because most rows never need logits.
/// </summary>
internal sealed class CausalLM : IDisposable
{
    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly DecoderLayer[] _layers;
    private readonly RmsNorm _norm;
    private readonly RotaryEmbedding _rotary;
    private readonly Tensor _embedding;
    private readonly AdapterSwitch _adapters = new();

    internal CausalLM(DecoderConfig config, IWeightSource weights, Device device)
    {
        Config = config;
        Device = device;
        _embedding = Load(weights, "model.embed_tokens.weight", config.VocabSize, config.HiddenSize);
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer => BuildLayer(weights, layer))];
        _norm = new RmsNorm(Load(weights, "model.norm.weight", config.HiddenSize), config.RmsNormEps);
        Head = new LanguageModelHead(config.TieWordEmbeddings ? _embedding : Load(weights, "lm_head.weight", config.VocabSize, config.HiddenSize));
        _rotary = new RotaryEmbedding(config.Rope, config.HeadDim, device);
    }

    internal DecoderConfig Config { get; }

    internal Device Device { get; }

    internal LanguageModelHead Head { get; }

    /// <summary>The base's weights under Hugging Face's names; a tied head is not among them.</summary>
    internal IReadOnlyDictionary<string, Tensor> Parameters => _parameters;

    /// <summary>Every projection of every layer, in order; LoRA adapters sit in them.</summary>
    internal IEnumerable<Linear> Projections => _layers.SelectMany(layer => layer.Projections);

    /// <summary>Runs the model as the given variant until the scope is disposed.</summary>
    internal IDisposable Use(AdapterState state) => _adapters.Use(state);

    /// <summary>Runs the bare base until the scope is disposed.</summary>
    internal IDisposable DisableAdapters() => _adapters.Use(AdapterState.None);

    /// <summary>Adds every adapter's update to its base weight and takes the adapters away (PEFT's merge_and_unload).</summary>
    internal void MergeAdapters()
    {
        using var noGrad = no_grad();
        foreach (var projection in Projections)
        {
            if (projection.Adapter is not { } adapter) continue;
            using var scope = NewDisposeScope();
            projection.Weight.add_(adapter.Delta());
            adapter.Dispose();
            projection.Adapter = null;
        }
    }

    /// <summary>The rows' hidden states after the last norm.</summary>
    /// <param name="tokens">[tokens], int64.</param>
    /// <param name="positions">[tokens], float32: each token's place in its own sequence.</param>
    /// <param name="pattern">Who may look at whom.</param>
    /// <returns>[tokens, hidden].</returns>
    internal Tensor Forward(Tensor tokens, Tensor positions, IAttentionPattern pattern)
    {
        using var scope = NewDisposeScope();
        var rotation = _rotary.At(positions);
        var x = _embedding.index_select(0, tokens);
        foreach (var layer in _layers) x = layer.Forward(x, rotation, pattern);
        return _norm.Forward(x).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var parameter in _parameters.Values) parameter.Dispose();
        foreach (var projection in Projections)
        {
            projection.Adapter?.Dispose();
            projection.ReferenceAdapter?.Dispose();
        }
        _rotary.Dispose();
    }

    private DecoderLayer BuildLayer(IWeightSource weights, int layer)
    {
        var prefix = $"model.layers.{layer}.";
        var config = Config;
        var (queries, keys) = (config.NumAttentionHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);
        Linear Project(string name, long output, long input, bool bias) => new(
            prefix + name,
            Load(weights, prefix + name + ".weight", output, input),
            bias ? Load(weights, prefix + name + ".bias", output) : null,
            _adapters);
        RmsNorm Norm(string name) => new(Load(weights, prefix + name + ".weight", config.HiddenSize), config.RmsNormEps);

        return new DecoderLayer(
            Norm("input_layernorm"),
            new Attention(config, layer,
                Project("self_attn.q_proj", queries, config.HiddenSize, config.QkvBias),
                Project("self_attn.k_proj", keys, config.HiddenSize, config.QkvBias),
                Project("self_attn.v_proj", keys, config.HiddenSize, config.QkvBias),
                Project("self_attn.o_proj", config.HiddenSize, queries, config.AttentionOutputBias)),
            Norm("post_attention_layernorm"),
            new Mlp(
                Project("mlp.gate_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias),
                Project("mlp.up_proj", config.IntermediateSize, config.HiddenSize, config.MlpBias),
                Project("mlp.down_proj", config.HiddenSize, config.IntermediateSize, config.MlpBias)));
    }

    private Tensor Load(IWeightSource weights, string name, params long[] shape) =>
        _parameters[name] = weights.Get(name, shape, Device).DetachFromDisposeScope();
}
