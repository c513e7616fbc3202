namespace MLNet.Dpo.Models.Architectures;

/// <summary>ERNIE 4.5 (dense): Llama with interleaved rotary embeddings and one switch for all biases.</summary>
/// <param name="Bias">Whether projections have a bias.</param>
internal sealed record Ernie45Architecture(bool Bias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) => DecoderKeys.Read(json, new Ernie45Architecture(json.Bool("use_bias", false)),
        new FamilyDefaults(KeyValueHeads: 2, HeadDim: 128, NormEps: 1e-5, MaxPositions: 131072, Tied: true) { Rope = new RopeDefaults(500_000) });

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder, RotaryLayout.Interleaved);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(), Bias, Bias),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer, Bias)));
    }
}
