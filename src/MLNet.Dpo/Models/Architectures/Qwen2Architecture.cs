namespace MLNet.Dpo.Models.Architectures;

/// <summary>Qwen2 and Qwen2.5: Llama with a bias on query, key and value, and with sliding windows in the upper layers where the model uses them.</summary>
/// <param name="Window">Positions that a token sees in the layers with a window; null: no layer has one.</param>
/// <param name="FirstWindowLayer">The first layer with a window, all after it too.</param>
internal sealed record Qwen2Architecture(int? Window, int FirstWindowLayer) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var config = DecoderKeys.Read(json, Windows(json));
        CheckLayerTypes(json, config);
        return config;
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: WindowOf(layer)), qkvBias: true, outputBias: false),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer, bias: false)));
    }

    private int? WindowOf(int layer) => layer >= FirstWindowLayer ? Window : null;

    // A window and its first layer count only where use_sliding_window says so; published files carry them switched off.
    private static Qwen2Architecture Windows(ConfigJson json)
    {
        if (!json.Bool("use_sliding_window", false)) return new Qwen2Architecture(null, 0);
        var window = json.Int("sliding_window");
        return window > 0
            ? new Qwen2Architecture(window, json.Int("max_window_layers", 28))
            : throw json.Wrong("sliding_window", "a positive number of tokens");
    }

    // transformers 5 writes the list that follows from the other keys; a list of another order would be another model.
    private static void CheckLayerTypes(ConfigJson json, DecoderConfig config)
    {
        if (!json.Has("layer_types")) return;
        var (architecture, given) = ((Qwen2Architecture)config.Architecture, json.Texts("layer_types"));
        List<string> expected = [.. given.Select((_, layer) => architecture.WindowOf(layer) is null ? "full_attention" : "sliding_attention")];
        if (given.Count != config.NumHiddenLayers || !given.SequenceEqual(expected))
            throw json.Unsupported("layer_types", json.Json["layer_types"]!.ToJsonString(), "one for each layer, sliding_attention from max_window_layers on where use_sliding_window is true");
    }
}
