namespace MLNet.Dpo.Models.Architectures;

/// <summary>
/// Gemma 2 and Gemma 3 (text): norms before and after attention and MLP whose weights are stored minus 1, embeddings times √hidden, a scale of the scores that is
/// set apart from the head's width, and windows in most layers. Gemma 2 caps scores and logits; Gemma 3 normalises queries and keys, and its windowed layers have
/// rotary frequencies of their own.
/// </summary>
/// <param name="Windows">For each layer the positions that a token sees; null: all.</param>
/// <param name="Scale">The factor on q·k.</param>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="AttentionSoftCap">The scores' soft cap; null: none.</param>
/// <param name="FinalSoftCap">The logits' soft cap; null: none.</param>
/// <param name="LocalRope">The windowed layers' frequencies; null: those of all.</param>
/// <param name="HeadNorms">Whether queries and keys are normalised.</param>
internal sealed record GemmaArchitecture(
    ValueList<int?> Windows, double Scale, bool AttentionBias, double? AttentionSoftCap, double? FinalSoftCap, RopeConfig? LocalRope, bool HeadNorms) : IArchitecture
{
    private const string ActivationKey = "hidden_activation", Local = "sliding_attention", Global = "full_attention";

    internal static DecoderConfig ReadGemma2(ConfigJson json)
    {
        var windows = DecoderKeys.Windows(json, json.IntOrNull("sliding_window", 4096), layer => layer % 2 == 0);
        var architecture = Read(json, windows, attentionCap: Cap(json, "attn_logit_softcapping", 50), finalCap: Cap(json, "final_logit_softcapping", 30));
        return DecoderKeys.Read(json, architecture, Defaults(8192)) with { NormsAreOffsets = true };
    }

    internal static DecoderConfig ReadGemma3(ConfigJson json)
    {
        if (json.Has("attn_logit_softcapping")) throw json.Unsupported("attn_logit_softcapping", json.Json["attn_logit_softcapping"]!.ToJsonString(), "null for this model_type");
        var pattern = json.Int("sliding_window_pattern", 6);
        if (pattern <= 0) throw json.Wrong("sliding_window_pattern", "a positive number of layers");
        var windows = DecoderKeys.Windows(json, json.IntOrNull("sliding_window", 4096), layer => (layer + 1) % pattern != 0);
        var (global, local) = ReadRopes(json, json.Int("max_position_embeddings", 131072));
        var architecture = Read(json, windows, attentionCap: null, finalCap: Cap(json, "final_logit_softcapping", null)) with { LocalRope = local, HeadNorms = true };
        var plain = new ConfigJson(json.Path, Without(json)); // the shared keys know one set of rotary keys
        return DecoderKeys.Read(plain, architecture, Defaults(131072)) with { Rope = global, NormsAreOffsets = true, Source = json.Json };
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder) { NormOf = (name, size) => builder.GemmaRmsNorm(name, size, config.NormEps) };
        var local = LocalRope is null ? parts.Rotary : new RotaryEmbedding(LocalRope, config.HeadDim);
        return parts.Model(Layer, Math.Sqrt(config.HiddenSize), softCap: FinalSoftCap);

        PreNormLayer Layer(int layer) => new(
            parts.Norm(layer, "input_layernorm"),
            new NormedBranch(
                parts.Attention(layer, new AttentionSettings(Scale, Windows[layer], AttentionSoftCap), AttentionBias, AttentionBias,
                    Windows[layer] is null ? parts.Rotary : local, HeadNorms ? parts.HeadNorms(layer) : null),
                parts.Norm(layer, "post_attention_layernorm")),
            parts.Norm(layer, "pre_feedforward_layernorm"),
            new NormedBranch(parts.Mlp(layer), parts.Norm(layer, "post_feedforward_layernorm")));
    }

    private static FamilyDefaults Defaults(int maxPositions) =>
        new(KeyValueHeads: 4, HeadDim: 256, MaxPositions: maxPositions, Tied: true) { ActivationKey = ActivationKey, Activation = "gelu_pytorch_tanh" };

    private static GemmaArchitecture Read(ConfigJson json, ValueList<int?> windows, double? attentionCap, double? finalCap)
    {
        DecoderKeys.RequireOff(json, "use_bidirectional_attention");
        var scalar = json.Double("query_pre_attn_scalar", 256);
        if (scalar <= 0) throw json.Wrong("query_pre_attn_scalar", "a positive number");
        return new GemmaArchitecture(windows, 1 / Math.Sqrt(scalar), json.Bool("attention_bias", false), attentionCap, finalCap, LocalRope: null, HeadNorms: false);
    }

    private static double? Cap(ConfigJson json, string key, double? absent) =>
        json.DoubleOrNull(key, absent) is var cap && cap is null or > 0 ? cap : throw json.Wrong(key, "a positive number or null");

    // A set of keys for each kind of layer, or before transformers 5 rope_theta and rope_scaling for those without a window, rope_local_base_freq for the others.
    private static (RopeConfig Global, RopeConfig Local) ReadRopes(ConfigJson json, int maxPositions)
    {
        var sets = json.Section("rope_parameters");
        var (global, local) = (sets?.Section(Global), sets?.Section(Local));
        if (sets is { Json.Count: > 0 } && global is null && local is null) throw json.Unsupported("rope_parameters", "one set", $"a set for {Global} and one for {Local}");
        if (json.Section("rope_scaling") is { Json.Count: > 0 } scaling) global = scaling;
        return (RopeKeys.Read(json, global, new RopeDefaults(1_000_000), maxPositions),
            local is not null ? RopeKeys.Read(json, local, new RopeDefaults(), maxPositions) : new RopeConfig(json.Double("rope_local_base_freq", 10000)));
    }

    private static System.Text.Json.Nodes.JsonObject Without(ConfigJson json)
    {
        var plain = json.Json.DeepClone().AsObject();
        plain.Remove("rope_parameters");
        plain.Remove("rope_scaling");
        return plain;
    }
}
