namespace MLNet.Dpo.Models.Architectures;

/// <summary>GPT-2: learned positions, layer norms, projections stored as [in, out] (Conv1D), queries, keys and values in one.</summary>
/// <param name="ScaleByWidth">Whether scores are divided by √D.</param>
/// <param name="ScaleByLayer">Whether they are also divided by the layer's number, from 1 on.</param>
internal sealed record Gpt2Architecture(bool ScaleByWidth, bool ScaleByLayer) : IArchitecture
{
    // The class knows its settings by these names; files may have either.
    private static readonly (string Own, string Shared)[] Names =
        [("n_embd", "hidden_size"), ("n_positions", "max_position_embeddings"), ("n_head", "num_attention_heads"), ("n_layer", "num_hidden_layers")];

    internal static DecoderConfig Read(ConfigJson json)
    {
        DecoderKeys.RequireOff(json, "add_cross_attention");
        var shared = new ConfigJson(json.Path, json.Json.DeepClone().AsObject());
        foreach (var (own, name) in Names)
        {
            if (json.Has(own)) shared.Json[name] = json.Json[own]!.DeepClone();
        }
        if (!shared.Has("intermediate_size") || json.Json.ContainsKey("n_inner")) shared.Json["intermediate_size"] = json.IntOrNull("n_inner", null) ?? (4.0 * shared.Int("hidden_size"));
        foreach (var key in new[] { "num_key_value_heads", "head_dim", "rope_parameters", "rope_scaling", "rope_theta" }) shared.Json.Remove(key);
        if (shared.Int("num_attention_heads") is > 0 and var heads && shared.Int("hidden_size") % heads != 0)
            throw json.Wrong("n_embd", $"a multiple of n_head, {heads}");
        var architecture = new Gpt2Architecture(json.Bool("scale_attn_weights", true), json.Bool("scale_attn_by_inverse_layer_idx", false));
        var defaults = new FamilyDefaults(NormEps: 1e-5, MaxPositions: 1024, Tied: true) { NormEpsKey = "layer_norm_epsilon", ActivationKey = "activation_function", Activation = "gelu_new" };
        return DecoderKeys.Read(shared, architecture, defaults) with { Rope = null, Source = json.Json };
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var tokens = builder.Load("transformer.wte.weight", config.VocabSize, config.HiddenSize);
        var positions = builder.Load("transformer.wpe.weight", config.MaxPositionEmbeddings, config.HiddenSize);
        List<IDecoderModule> layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(layer => Layer(config, builder, layer))];
        var norm = builder.LayerNorm("transformer.ln_f", config.HiddenSize, config.NormEps);
        var head = builder.Head(tokens, config.TieWordEmbeddings);
        return new ModelParts(new PositionedEmbedding(tokens, positions), layers, norm, new LanguageModelHead(head));
    }

    private PreNormLayer Layer(DecoderConfig config, ModelBuilder builder, int layer)
    {
        var (hidden, inner, name) = (config.HiddenSize, config.IntermediateSize, $"transformer.h.{layer}.");
        var scale = (ScaleByWidth ? 1 / Math.Sqrt(config.HeadDim) : 1) / (ScaleByLayer ? layer + 1 : 1);
        var heads = new FusedHeads(config.HeadDim, config.NumAttentionHeads, config.NumAttentionHeads, builder.Conv1D(name + "attn.c_attn", 3L * hidden, hidden));
        return new PreNormLayer(
            builder.LayerNorm(name + "ln_1", hidden, config.NormEps),
            new Attention(layer, new AttentionSettings(ScaleByWidth && !ScaleByLayer ? null : scale), rotary: null, heads, builder.Conv1D(name + "attn.c_proj", hidden, hidden)),
            builder.LayerNorm(name + "ln_2", hidden, config.NormEps),
            new PlainMlp(builder.Conv1D(name + "mlp.c_fc", inner, hidden), builder.Conv1D(name + "mlp.c_proj", hidden, inner), Activation.Of(config.Activation)));
    }
}
