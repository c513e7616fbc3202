using System.Text.Json.Nodes;

namespace MLNet.Dpo.Models.Architectures;

/// <summary>gpt-oss, in float weights: attention sinks, windows in every other layer, experts with clamped gates, YaRN.</summary>
/// <param name="Windows">For each layer the positions that a token sees; null: all.</param>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="Experts">Number of experts.</param>
/// <param name="ExpertsPerToken">Experts that each token goes through.</param>
internal sealed record GptOssArchitecture(ValueList<int?> Windows, bool AttentionBias, int Experts, int ExpertsPerToken) : IArchitecture
{
    internal static DecoderConfig Read(ConfigJson json)
    {
        if (json.Double("swiglu_limit", ClampedExperts.Limit) != ClampedExperts.Limit) throw json.Unsupported("swiglu_limit", json.Json["swiglu_limit"]!.ToJsonString(), "7");
        var windows = DecoderKeys.Windows(json, json.IntOrNull("sliding_window", 128), layer => layer % 2 == 0);
        var architecture = new GptOssArchitecture(windows, json.Bool("attention_bias", true), MoeArchitecture.Count(json, 128), MoeArchitecture.Positive(json, "num_experts_per_tok", 4));
        if (architecture.ExpertsPerToken > architecture.Experts) throw json.Wrong("num_experts_per_tok", $"at most the number of experts, {architecture.Experts}");
        var defaults = new FamilyDefaults(KeyValueHeads: 8, HeadDim: 64, NormEps: 1e-5, MaxPositions: 131072) { Rope = new RopeDefaults(150_000) };
        return DecoderKeys.Read(WithRope(json), architecture, defaults) with { RouterLoss = MoeArchitecture.ReadRouterLoss(json, architecture.Experts, 0.9), Source = json.Json };
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer =>
        {
            var settings = new AttentionSettings(Window: Windows[layer]) { Sinks = builder.Load(LlamaParts.Name(layer, "self_attn.sinks"), config.NumAttentionHeads) };
            return new PreNormLayer(
                parts.Norm(layer, "input_layernorm"),
                parts.Attention(layer, settings, AttentionBias, AttentionBias),
                parts.Norm(layer, "post_attention_layernorm"),
                Mixture(config, builder, LlamaParts.Name(layer, "mlp.")));
        });
    }

    private SparseMlp Mixture(DecoderConfig config, ModelBuilder builder, string name)
    {
        var (hidden, inner) = (config.HiddenSize, config.IntermediateSize);
        var experts = new ClampedExperts(
            builder.Load(name + "experts.gate_up_proj", Experts, hidden, 2 * inner), builder.Load(name + "experts.gate_up_proj_bias", Experts, 2 * inner),
            builder.Load(name + "experts.down_proj", Experts, inner, hidden), builder.Load(name + "experts.down_proj_bias", Experts, hidden));
        // A softmax over the chosen scores alone is the softmax over all, made to sum up to 1.
        return new SparseMlp(builder.Load(name + "router.weight", Experts, hidden), builder.Load(name + "router.bias", Experts), experts, ExpertsPerToken, normalize: true);
    }

    // The class has a scaling where the file has none.
    private static ConfigJson WithRope(ConfigJson json)
    {
        if (json.Has("rope_scaling") || json.Has("rope_parameters")) return json;
        var copy = json.Json.DeepClone().AsObject();
        copy["rope_scaling"] = JsonNode.Parse("""{"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false, "original_max_position_embeddings": 4096}""");
        return new ConfigJson(json.Path, copy);
    }
}
