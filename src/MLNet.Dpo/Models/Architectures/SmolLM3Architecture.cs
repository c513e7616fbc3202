namespace MLNet.Dpo.Models.Architectures;

/// <summary>SmolLM3: Llama with some layers that know no positions (NoPE, arXiv 2305.19466), which may have a window instead.</summary>
/// <param name="Rotates">For each layer whether it rotates.</param>
/// <param name="Windows">For each layer the positions that a token sees; null: all.</param>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="MlpBias">Whether the MLP's projections have one.</param>
internal sealed record SmolLM3Architecture(ValueList<bool> Rotates, ValueList<int?> Windows, bool AttentionBias, bool MlpBias) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        var rotates = ReadRotates(json);
        // As in transformers the mask follows layer_types alone; use_sliding_window says only which types there are where the list is absent.
        var window = json.IntOrNull("sliding_window", null);
        if (!json.Has("layer_types") && !json.Bool("use_sliding_window", false)) window = null;
        var windows = DecoderKeys.Windows(json, window, layer => !rotates[layer]);
        var architecture = new SmolLM3Architecture(rotates, windows, json.Bool("attention_bias", false), json.Bool("mlp_bias", false));
        return DecoderKeys.Read(json, architecture, new FamilyDefaults(KeyValueHeads: 4, MaxPositions: 32768, Tied: true) { Rope = new RopeDefaults(2_000_000) });
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Windows[layer]), AttentionBias, AttentionBias, Rotates[layer] ? parts.Rotary : null),
            parts.Norm(layer, "post_attention_layernorm"),
            parts.Mlp(layer, MlpBias)));
    }

    private static ValueList<bool> ReadRotates(ConfigJson json)
    {
        var layers = Math.Clamp(json.Int("num_hidden_layers"), 0, Architecture.MaxLayers);
        var interval = json.Int("no_rope_layer_interval", 4);
        if (interval <= 0) throw json.Wrong("no_rope_layer_interval", "a positive number of layers");
        if (!json.Has("no_rope_layers")) return new ValueList<bool>(Enumerable.Range(1, layers).Select(layer => layer % interval != 0));
        var given = json.Numbers("no_rope_layers");
        return given.Count >= layers ? new ValueList<bool>(given.Take(layers).Select(flag => flag != 0)) : throw json.Wrong("no_rope_layers", "a number for each layer");
    }
}
