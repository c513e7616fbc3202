namespace MLNet.Dpo.Models.Architectures;

/// <summary>Phi-3 and Phi-4: fused projections of queries, keys and values and of gate and up, rotary embeddings of a part of each head, LongRoPE.</summary>
/// <param name="Window">Positions that a token sees; null: all.</param>
internal sealed record Phi3Architecture(int? Window) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var window = json.IntOrNull("sliding_window", null);
        if (window <= 0) throw json.Wrong("sliding_window", "a positive number of tokens");
        var rope = new RopeDefaults(Partial: 1) { OnlyLongRope = true, OriginalLength = 4096 };
        var config = DecoderKeys.Read(json, new Phi3Architecture(window), new FamilyDefaults(NormEps: 1e-5, MaxPositions: 4096) { Rope = rope });
        // transformers runs a sequence anew when its generation passes the original context, because its keys were rotated by the short factors.
        return config.Rope?.Scaling is LongRopeScaling scaling ? config with { RecomputeLength = scaling.OriginalMaxPositionEmbeddings + 1 } : config;
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.FusedAttention(layer, new AttentionSettings(Window: Window)),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.FusedMlp(layer)));
    }
}
