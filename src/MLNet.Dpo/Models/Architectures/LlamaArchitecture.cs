namespace MLNet.Dpo.Models.Architectures;

/// <summary>Llama 1 to 3, and everything published under <c>model_type: llama</c> (SmolLM2, TinyLlama, ...).</summary>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="MlpBias">Whether the MLP's projections have one.</param>
internal sealed record LlamaArchitecture(bool AttentionBias, bool MlpBias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) =>
        DecoderKeys.Read(json, new LlamaArchitecture(json.Bool("attention_bias", false), json.Bool("mlp_bias", false)), new FamilyDefaults());

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(), qkvBias: AttentionBias, outputBias: AttentionBias),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer, MlpBias)));
    }
}
