namespace MLNet.Dpo.Models.Architectures;

/// <summary>The components under the names that Llama gave their weights and that most families kept.</summary>
/// <param name="config">The model.</param>
/// <param name="builder">Loads the weights.</param>
/// <param name="layout">Which dimensions the rotary embedding turns together.</param>
internal sealed class LlamaParts(DecoderConfig config, ModelBuilder builder, RotaryLayout layout = RotaryLayout.Halves)
{
    /// <summary>Makes the model's norms, from name and size; RMS norms unless a family has others.</summary>
    internal Func<string, long, INorm> NormOf { get; init; } = (name, size) => builder.RmsNorm(name, size, config.NormEps);

    /// <summary>The one rotary embedding of models that rotate all layers alike.</summary>
    internal RotaryEmbedding Rotary { get; } = new(config.Rope!, config.HeadDim, layout);

    /// <summary>The whole model, with layers made one by one.</summary>
    /// <param name="layer">Makes a layer.</param>
    /// <param name="embeddingScale">The factor on embeddings.</param>
    /// <param name="logitScale">The factor on logits.</param>
    /// <param name="softCap">The logits' soft cap.</param>
    internal ModelParts Model(Func<int, IDecoderModule> layer, double embeddingScale = 1, double logitScale = 1, double? softCap = null)
    {
        var embedding = builder.Load("model.embed_tokens.weight", config.VocabSize, config.HiddenSize);
        List<IDecoderModule> layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer)];
        var norm = NormOf("model.norm", config.HiddenSize);
        var head = builder.Head(embedding, config.TieWordEmbeddings);
        IEmbedding embed = embeddingScale == 1 ? new Embedding(embedding) : new ScaledEmbedding(embedding, embeddingScale);
        return new ModelParts(embed, layers, norm, new LanguageModelHead(head, logitScale, softCap));
    }

    /// <summary><c>self_attn</c> of a layer.</summary>
    internal Attention Attention(int layer, AttentionSettings settings, bool qkvBias, bool outputBias, QueryKeyNorms? norms = null) =>
        Attention(layer, settings, qkvBias, outputBias, Rotary, norms);

    /// <summary><c>self_attn</c> of a layer with a rotary embedding of its own, or with none.</summary>
    internal Attention Attention(int layer, AttentionSettings settings, bool qkvBias, bool outputBias, RotaryEmbedding? rotary, QueryKeyNorms? norms = null)
    {
        var keys = config.NumKeyValueHeads * config.HeadDim;
        var heads = new SeparateHeads(config.HeadDim,
            builder.Linear(Name(layer, "self_attn.q_proj"), QueryWidth, config.HiddenSize, qkvBias),
            builder.Linear(Name(layer, "self_attn.k_proj"), keys, config.HiddenSize, qkvBias),
            builder.Linear(Name(layer, "self_attn.v_proj"), keys, config.HiddenSize, qkvBias));
        return new Attention(layer, settings, rotary, heads, Output(layer, outputBias), norms);
    }

    /// <summary><c>self_attn</c> of a layer whose queries, keys and values are one projection.</summary>
    internal Attention FusedAttention(int layer, AttentionSettings settings)
    {
        var width = (config.NumAttentionHeads + (2 * config.NumKeyValueHeads)) * config.HeadDim;
        var heads = new FusedHeads(config.HeadDim, config.NumAttentionHeads, config.NumKeyValueHeads, builder.Linear(Name(layer, "self_attn.qkv_proj"), width, config.HiddenSize));
        return new Attention(layer, settings, Rotary, heads, Output(layer, bias: false));
    }

    /// <summary>Norms of queries and keys over each head's dimensions, by their names in <c>self_attn</c>.</summary>
    internal QueryKeyNorms HeadNorms(int layer, string query = "q_norm", string key = "k_norm", bool afterRotary = false) =>
        new(NormOf(Name(layer, $"self_attn.{query}"), config.HeadDim), NormOf(Name(layer, $"self_attn.{key}"), config.HeadDim), afterRotary);

    /// <summary>Norms of queries and keys over all heads together.</summary>
    internal QueryKeyNorms FullWidthNorms(int layer) => new(
        new FullWidthNorm(NormOf(Name(layer, "self_attn.q_norm"), QueryWidth)),
        new FullWidthNorm(NormOf(Name(layer, "self_attn.k_norm"), config.NumKeyValueHeads * config.HeadDim)));

    /// <summary><c>mlp</c> of a layer.</summary>
    internal GatedMlp Mlp(int layer, bool bias = false) => new(
        builder.Linear(Name(layer, "mlp.gate_proj"), config.IntermediateSize, config.HiddenSize, bias),
        builder.Linear(Name(layer, "mlp.up_proj"), config.IntermediateSize, config.HiddenSize, bias),
        builder.Linear(Name(layer, "mlp.down_proj"), config.HiddenSize, config.IntermediateSize, bias), Activation);

    /// <summary><c>mlp</c> of a layer with gate and up in one projection.</summary>
    internal FusedGatedMlp FusedMlp(int layer) => new(
        builder.Linear(Name(layer, "mlp.gate_up_proj"), 2 * config.IntermediateSize, config.HiddenSize),
        builder.Linear(Name(layer, "mlp.down_proj"), config.HiddenSize, config.IntermediateSize), Activation);

    /// <summary>A norm of a layer, by its name there.</summary>
    internal INorm Norm(int layer, string name) => NormOf(Name(layer, name), config.HiddenSize);

    /// <summary>The path of a layer's part.</summary>
    internal static string Name(int layer, string part) => $"model.layers.{layer}.{part}";

    private int QueryWidth => config.NumAttentionHeads * config.HeadDim;

    private Activation Activation => Models.Activation.Of(config.Activation);

    private Linear Output(int layer, bool bias) => builder.Linear(Name(layer, "self_attn.o_proj"), config.HiddenSize, QueryWidth, bias);
}
