namespace MLNet.Dpo.Models.Architectures;

/// <summary>What transformers' configuration class of a family takes where <c>config.json</c> lacks a key.</summary>
/// <param name="KeyValueHeads">num_key_value_heads; null: as many as query heads.</param>
/// <param name="HeadDim">head_dim; null: hidden_size / num_attention_heads.</param>
/// <param name="NormEps">The norms' epsilon.</param>
/// <param name="MaxPositions">max_position_embeddings.</param>
/// <param name="Tied">tie_word_embeddings.</param>
internal sealed record FamilyDefaults(int? KeyValueHeads = null, int? HeadDim = null, double NormEps = 1e-6, int MaxPositions = 2048, bool Tied = false)
{
    /// <summary>The epsilon's key.</summary>
    internal string NormEpsKey { get; init; } = "rms_norm_eps";

    /// <summary>The nonlinearity's key.</summary>
    internal string ActivationKey { get; init; } = "hidden_act";

    /// <summary>The nonlinearity.</summary>
    internal string Activation { get; init; } = "silu";

    /// <summary>initializer_range.</summary>
    internal double InitializerRange { get; init; } = 0.02;

    /// <summary>How the rotary keys are read.</summary>
    internal RopeDefaults Rope { get; init; } = new();
}

/// <summary>
/// The keys of <c>config.json</c> that the families share. Both generations of key names are read (<c>rope_parameters</c> of transformers 5;
/// <c>rope_theta</c> and <c>rope_scaling</c> before it).
/// </summary>
internal static class DecoderKeys
{
    /// <summary>Reads them for a family.</summary>
    internal static DecoderConfig Read(ConfigJson json, IArchitecture architecture, FamilyDefaults defaults)
    {
        RefuseQuantized(json);
        var heads = json.Int("num_attention_heads");
        var hidden = json.Int("hidden_size");
        var positions = json.Int("max_position_embeddings", defaults.MaxPositions);
        var rope = RopeKeys.Read(json, defaults.Rope, positions);
        return new DecoderConfig
        {
            ModelType = json.Text("model_type")!,
            Architecture = architecture,
            VocabSize = json.Int("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = json.Int("intermediate_size"),
            NumHiddenLayers = json.Int("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = json.IntOrNull("num_key_value_heads", defaults.KeyValueHeads) ?? heads,
            HeadDim = json.IntOrNull("head_dim", defaults.HeadDim) ?? (heads > 0 ? hidden / heads : 0),
            NormEps = json.Double(defaults.NormEpsKey, defaults.NormEps),
            Activation = ReadActivation(json, defaults.ActivationKey, defaults.Activation),
            Rope = rope,
            TieWordEmbeddings = json.Bool("tie_word_embeddings", defaults.Tied),
            MaxPositionEmbeddings = RopeKeys.Context(rope, positions),
            InitializerRange = json.Double("initializer_range", defaults.InitializerRange),
            EosTokenIds = json.Ids("eos_token_id"),
            Source = json.Json,
        };
    }

    /// <summary>The nonlinearity's name.</summary>
    internal static string ReadActivation(ConfigJson json, string key, string absent)
    {
        var name = json.Text(key) ?? absent;
        return Activation.IsKnown(name) ? name : throw json.Unsupported(key, $"'{name}'", Activation.Names);
    }

    /// <summary>Weights that are packed integers are no weights of these names.</summary>
    internal static void RefuseQuantized(ConfigJson json)
    {
        if (json.Section("quantization_config") is { } section)
            throw json.Unsupported("quantization_config", $"of quant_method '{section.Text("quant_method")}'", "float32, float16 and bfloat16 weights; take the model's unquantized folder");
    }

    /// <summary>A switch that would make the model another one.</summary>
    internal static void RequireOff(ConfigJson json, string key)
    {
        if (json.Json[key] is { } value && value.ToJsonString() is not ("false" or "null")) throw json.Unsupported(key, value.ToJsonString(), "false");
    }

    /// <summary>
    /// For each layer the positions that a token sees, null for all: by <c>layer_types</c> where it is there, else by the family's own rule.
    /// </summary>
    /// <param name="json">The configuration.</param>
    /// <param name="window">sliding_window; null: there is none.</param>
    /// <param name="slides">Whether a layer has it, where nothing else is said.</param>
    internal static ValueList<int?> Windows(ConfigJson json, int? window, Func<int, bool> slides)
    {
        var layers = json.Int("num_hidden_layers");
        if (layers is < 0 or > Architecture.MaxLayers) return new ValueList<int?>([]); // told by the check of sizes
        if (window <= 0) throw json.Wrong("sliding_window", "a positive number of tokens");
        if (!json.Has("layer_types")) return new ValueList<int?>(Enumerable.Range(0, layers).Select(layer => window is not null && slides(layer) ? window : null));
        var types = json.Texts("layer_types");
        if (types.Count != layers || types.Any(type => type is not ("full_attention" or "sliding_attention")))
            throw json.Unsupported("layer_types", json.Json["layer_types"]!.ToJsonString(), "full_attention or sliding_attention, one for each layer");
        if (window is null && types.Contains("sliding_attention"))
            throw json.Unsupported("layer_types", json.Json["layer_types"]!.ToJsonString(), "only full_attention where sliding_window is null or use_sliding_window false");
        return new ValueList<int?>(types.Select(type => type == "sliding_attention" ? window : null));
    }
}
