namespace MLNet.Dpo.Models.Architectures;

/// <summary>Hunyuan (dense): Llama with RMS norms on each head's rotated queries and keys, and rotary frequencies stretched by a fixed alpha.</summary>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
internal sealed record HunyuanArchitecture(bool AttentionBias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) => DecoderKeys.Read(
        json, new HunyuanArchitecture(json.Bool("attention_bias", false)), new FamilyDefaults(NormEps: 1e-5) { Rope = new RopeDefaults { AlphaIsDynamic = true } });

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(), AttentionBias, AttentionBias, parts.HeadNorms(layer, "query_layernorm", "key_layernorm", afterRotary: true)),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer)));
    }
}
