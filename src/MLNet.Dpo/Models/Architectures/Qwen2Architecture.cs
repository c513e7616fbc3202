namespace MLNet.Dpo.Models.Architectures;

/// <summary>Qwen2 and Qwen2.5: Llama with a bias on query, key and value, and with sliding windows in the upper layers where the model uses them.</summary>
/// <param name="Windows">For each layer the positions that a token sees; null: all.</param>
internal sealed record Qwen2Architecture(ValueList<int?> Windows) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json) =>
        DecoderKeys.Read(json, new Qwen2Architecture(ReadWindows(json)), new FamilyDefaults(KeyValueHeads: 32, MaxPositions: 32768));

    /// <summary>Qwen's windows: a window and its first layer count only where use_sliding_window says so; published files carry them switched off.</summary>
    internal static ValueList<int?> ReadWindows(ConfigJson json)
    {
        var window = json.Bool("use_sliding_window", false) ? json.IntOrNull("sliding_window", 4096) : null;
        var first = json.Int("max_window_layers", 28);
        return DecoderKeys.Windows(json, window, layer => layer >= first);
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Windows[layer]), qkvBias: true, outputBias: false),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer)));
    }
}
