namespace MLNet.Dpo.Models.Architectures;

/// <summary>Mixtral: Mistral with a mixture of experts in place of the MLP. Qwen3-MoE: Qwen3 with one in some layers.</summary>
/// <param name="Family">What the two differ in.</param>
/// <param name="Window">Positions that a token sees; null: all.</param>
/// <param name="AttentionBias">Whether the attention's projections have a bias.</param>
/// <param name="Experts">Number of experts.</param>
/// <param name="ExpertsPerToken">Experts that each token goes through.</param>
/// <param name="ExpertSize">Width between the halves of an expert.</param>
/// <param name="Normalize">Whether the chosen experts' probabilities are made to sum up to 1.</param>
/// <param name="Sparse">For each layer whether it has experts.</param>
internal sealed record MoeArchitecture(
    MoeFamily Family, int? Window, bool AttentionBias, int Experts, int ExpertsPerToken, int ExpertSize, bool Normalize, ValueList<bool> Sparse) : IArchitecture
{
    private const int MaxExperts = 100_000;

    internal static DecoderConfig ReadMixtral(ConfigJson json)
    {
        var architecture = new MoeArchitecture(MoeFamily.Mixtral, PositiveOrNull(json, "sliding_window", null), AttentionBias: false, Count(json, 8), Positive(json, "num_experts_per_tok", 2),
            json.Int("intermediate_size"), Normalize: true, EveryLayer(json, _ => true));
        return Read(json, architecture, new FamilyDefaults(KeyValueHeads: 8, NormEps: 1e-5, MaxPositions: 131072) { Rope = new RopeDefaults(1_000_000) });
    }

    internal static DecoderConfig ReadQwen3(ConfigJson json)
    {
        var step = Positive(json, "decoder_sparse_step", 1);
        var dense = json.Has("mlp_only_layers") ? json.Numbers("mlp_only_layers") : [];
        var window = json.Bool("use_sliding_window", false) ? PositiveOrNull(json, "sliding_window", 4096) : null;
        var architecture = new MoeArchitecture(MoeFamily.Qwen3, window, json.Bool("attention_bias", false), Count(json, 128), Positive(json, "num_experts_per_tok", 8),
            Positive(json, "moe_intermediate_size", 768), json.Bool("norm_topk_prob", false), EveryLayer(json, layer => (layer + 1) % step == 0 && !dense.Contains(layer)));
        return Read(json, architecture, new FamilyDefaults(KeyValueHeads: 4, MaxPositions: 32768));
    }

    public ModelParts Build(DecoderConfig config, ModelBuilder builder)
    {
        var parts = new LlamaParts(config, builder);
        return parts.Model(layer => new PreNormLayer(
            parts.Norm(layer, "input_layernorm"),
            parts.Attention(layer, new AttentionSettings(Window: Window), AttentionBias, AttentionBias, Family == MoeFamily.Qwen3 ? parts.HeadNorms(layer) : null),
            parts.Norm(layer, "post_attention_layernorm"),
            Sparse[layer] ? Mixture(config, builder, layer) : parts.Mlp(layer)));
    }

    // Both are stored under the names of transformers before 5, which 5 writes too.
    private SparseMlp Mixture(DecoderConfig config, ModelBuilder builder, int layer)
    {
        var (block, gate, up, down) = Family == MoeFamily.Mixtral ? ("block_sparse_moe", "w1", "w3", "w2") : ("mlp", "gate_proj", "up_proj", "down_proj");
        var name = LlamaParts.Name(layer, block);
        var router = builder.Load(name + ".gate.weight", Experts, config.HiddenSize);
        List<Expert> experts = [.. Enumerable.Range(0, Experts).Select(expert => new Expert(
            builder.Load($"{name}.experts.{expert}.{gate}.weight", ExpertSize, config.HiddenSize),
            builder.Load($"{name}.experts.{expert}.{up}.weight", ExpertSize, config.HiddenSize),
            builder.Load($"{name}.experts.{expert}.{down}.weight", config.HiddenSize, ExpertSize)))];
        return new SparseMlp(router, routerBias: null, new GatedExperts(experts, Activation.Of(config.Activation)), ExpertsPerToken, Normalize);
    }

    private static DecoderConfig Read(ConfigJson json, MoeArchitecture architecture, FamilyDefaults defaults)
    {
        if (architecture.ExpertsPerToken > architecture.Experts) throw json.Wrong("num_experts_per_tok", $"at most the number of experts, {architecture.Experts}");
        return DecoderKeys.Read(json, architecture, defaults) with { RouterLoss = ReadRouterLoss(json, architecture.Experts, 0.001) };
    }

    /// <summary>As for TRL, routers are trained to spread tokens where output_router_logits says so.</summary>
    internal static RouterLoss? ReadRouterLoss(ConfigJson json, int experts, double absent)
    {
        var coefficient = json.Bool("output_router_logits", false) ? json.Double("router_aux_loss_coef", absent) : 0;
        return coefficient == 0 ? null : new RouterLoss(coefficient, experts);
    }

    /// <summary>The number of experts.</summary>
    internal static int Count(ConfigJson json, int absent)
    {
        var count = Positive(json, json.Has("num_experts") ? "num_experts" : "num_local_experts", absent);
        return count <= MaxExperts ? count : throw json.Wrong("num_local_experts", $"at most {MaxExperts}");
    }

    /// <summary>A number that must be above 0.</summary>
    internal static int Positive(ConfigJson json, string key, int absent) => json.Int(key, absent) is > 0 and var value ? value : throw json.Wrong(key, "a positive number");

    private static int? PositiveOrNull(ConfigJson json, string key, int? absent) => json.IntOrNull(key, absent) is var value && value is null or > 0 ? value : throw json.Wrong(key, "a positive number of tokens");

    private static ValueList<bool> EveryLayer(ConfigJson json, Func<int, bool> isSparse) =>
        new(Enumerable.Range(0, Math.Clamp(json.Int("num_hidden_layers"), 0, Architecture.MaxLayers)).Select(isSparse));
}

/// <summary>Families with experts.</summary>
internal enum MoeFamily
{
    /// <summary>No norms of heads; experts in every layer, their probabilities sum up to 1.</summary>
    Mixtral,

    /// <summary>Norms of heads; experts in some layers.</summary>
    Qwen3,
}
