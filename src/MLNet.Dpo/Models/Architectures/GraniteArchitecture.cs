namespace MLNet.Dpo.Models.Architectures;

/// <summary>Granite: Llama with factors on embeddings, scores, residual branches and logits.</summary>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="MlpBias">Whether the MLP's projections have one.</param>
/// <param name="EmbeddingMultiplier">The factor on embeddings.</param>
/// <param name="AttentionMultiplier">The factor on q·k.</param>
/// <param name="ResidualMultiplier">The factor on what a layer adds.</param>
/// <param name="LogitsScaling">What logits are divided by.</param>
internal sealed record GraniteArchitecture(
    bool AttentionBias, bool MlpBias, double EmbeddingMultiplier, double AttentionMultiplier, double ResidualMultiplier, double LogitsScaling) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var architecture = new GraniteArchitecture(json.Bool("attention_bias", false), json.Bool("mlp_bias", false),
            json.Double("embedding_multiplier", 1), json.Double("attention_multiplier", 1), json.Double("residual_multiplier", 1), json.Double("logits_scaling", 1));
        if (architecture.LogitsScaling == 0) throw json.Wrong("logits_scaling", "a number other than 0");
        return DecoderKeys.Read(json, architecture, new FamilyDefaults());
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(
            layer => new PreNormLayer(
                parts.Norm(layer, "input_layernorm"),
                new ScaledBranch(parts.Attention(layer, new AttentionSettings(AttentionMultiplier), AttentionBias, AttentionBias), ResidualMultiplier),
                parts.Norm(layer, "post_attention_layernorm"),
                new ScaledBranch(parts.Mlp(layer, MlpBias), ResidualMultiplier)),
            EmbeddingMultiplier, 1 / LogitsScaling);
    }
}
