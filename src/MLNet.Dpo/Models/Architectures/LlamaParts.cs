namespace MLNet.Dpo.Models.Architectures;

/// <summary>The components under the names that Llama gave their weights and that most families kept.</summary>
internal sealed class LlamaParts(DecoderConfig config, ModelBuilder builder)
{
    private readonly RotaryEmbedding _rotary = new(config.Rope, config.HeadDim);

    /// <summary>The whole model, with layers made one by one.</summary>
    internal ModelParts Model(Func<int, IDecoderModule> layer)
    {
        var embedding = builder.Load("model.embed_tokens.weight", config.VocabSize, config.HiddenSize);
        List<IDecoderModule> layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer)];
        var norm = builder.RmsNorm("model.norm", config.HiddenSize, config.RmsNormEps);
        var head = config.TieWordEmbeddings ? embedding : builder.Load("lm_head.weight", config.VocabSize, config.HiddenSize);
        return new ModelParts(new Embedding(embedding), layers, norm, new LanguageModelHead(head));
    }

    /// <summary><c>self_attn</c> of a layer.</summary>
    internal Attention Attention(int layer, AttentionSettings settings, bool qkvBias, bool outputBias)
    {
        var (queries, keys) = (config.NumAttentionHeads * config.HeadDim, config.NumKeyValueHeads * config.HeadDim);
        return new Attention(layer, config.HeadDim, settings, _rotary,
            builder.Linear(Name(layer, "self_attn.q_proj"), queries, config.HiddenSize, qkvBias),
            builder.Linear(Name(layer, "self_attn.k_proj"), keys, config.HiddenSize, qkvBias),
            builder.Linear(Name(layer, "self_attn.v_proj"), keys, config.HiddenSize, qkvBias),
            builder.Linear(Name(layer, "self_attn.o_proj"), config.HiddenSize, queries, outputBias));
    }

    /// <summary><c>mlp</c> of a layer.</summary>
    internal GatedMlp Mlp(int layer, bool bias) => new(
        builder.Linear(Name(layer, "mlp.gate_proj"), config.IntermediateSize, config.HiddenSize, bias),
        builder.Linear(Name(layer, "mlp.up_proj"), config.IntermediateSize, config.HiddenSize, bias),
        builder.Linear(Name(layer, "mlp.down_proj"), config.HiddenSize, config.IntermediateSize, bias));

    /// <summary>A norm of a layer, by its name there.</summary>
    internal RmsNorm Norm(int layer, string name) => builder.RmsNorm(Name(layer, name), config.HiddenSize, config.RmsNormEps);

    private static string Name(int layer, string part) => $"model.layers.{layer}.{part}";
}
