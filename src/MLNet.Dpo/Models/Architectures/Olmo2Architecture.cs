namespace MLNet.Dpo.Models.Architectures;

/// <summary>OLMo 2: norms behind attention and MLP alone, and over all queries and all keys of a token.</summary>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
internal sealed record Olmo2Architecture(bool AttentionBias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) => DecoderKeys.Read(json, new Olmo2Architecture(json.Bool("attention_bias", false)), new FamilyDefaults(NormEps: 1e-5));

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        var none = new NoNorm();
        return parts.Model(layer => new PreNormLayer(
            none,
            new NormedBranch(
                parts.Attention(layer, new AttentionSettings(), AttentionBias, AttentionBias, parts.FullWidthNorms(layer)),
                parts.Norm(layer, "post_attention_layernorm")),
            none,
            new NormedBranch(parts.Mlp(layer), parts.Norm(layer, "post_feedforward_layernorm"))));
    }
}
