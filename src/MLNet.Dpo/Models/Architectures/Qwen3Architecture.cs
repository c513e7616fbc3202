namespace MLNet.Dpo.Models.Architectures;

/// <summary>Qwen3: RMS norms on each head's queries and keys, heads of a width of their own, Qwen2's windows.</summary>
/// <param name="Windows">For each layer the positions that a token sees; null: all.</param>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
internal sealed record Qwen3Architecture(ValueList<int?> Windows, bool AttentionBias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) => DecoderKeys.Read(
        json, new Qwen3Architecture(Qwen2Architecture.ReadWindows(json), json.Bool("attention_bias", false)), new FamilyDefaults(KeyValueHeads: 32, HeadDim: 128, MaxPositions: 32768));

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Windows[layer]), AttentionBias, AttentionBias, parts.HeadNorms(layer)),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer)));
    }
}
