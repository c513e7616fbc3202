namespace MLNet.Dpo.Models.Architectures;

/// <summary>Mistral: Llama without biases, and with a sliding window in all layers where the model has one.</summary>
/// <param name="Window">Positions that a token sees; null: all.</param>
internal sealed record MistralArchitecture(int? Window) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var window = json.IntOrNull("sliding_window", 4096);
        if (window <= 0) throw json.Wrong("sliding_window", "a positive number of tokens");
        return DecoderKeys.Read(json, new MistralArchitecture(window), new FamilyDefaults(KeyValueHeads: 8, MaxPositions: 131072));
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Window), qkvBias: false, outputBias: false),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer)));
    }
}
