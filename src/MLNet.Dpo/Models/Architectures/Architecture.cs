
namespace MLNet.Dpo.Models.Architectures;

/// <summary>The model families that can be read, by <c>model_type</c>. A new one is a small file beside this and a line here.</summary>
internal static class Architecture
{
    private static readonly Dictionary<string, Func<ConfigJson, DecoderConfig>> Known = new(StringComparer.Ordinal)
    {
        ["llama"] = LlamaArchitecture.Read,
        ["mistral"] = MistralArchitecture.Read,
        ["qwen2"] = Qwen2Architecture.Read,
        ["qwen3"] = Qwen3Architecture.Read,
        ["gemma2"] = GemmaArchitecture.ReadGemma2,
        ["gemma3_text"] = GemmaArchitecture.ReadGemma3,
        ["phi3"] = Phi3Architecture.Read,
        ["smollm3"] = SmolLM3Architecture.Read,
        ["olmo2"] = Olmo2Architecture.Read,
        ["granite"] = GraniteArchitecture.Read,
        ["gpt2"] = Gpt2Architecture.Read,
        ["cohere"] = CohereArchitecture.Read,
        ["stablelm"] = StableLmArchitecture.Read,
        ["starcoder2"] = Starcoder2Architecture.Read,
        ["glm"] = GlmArchitecture.ReadGlm,
        ["glm4"] = GlmArchitecture.ReadGlm4,
        ["ernie4_5"] = Ernie45Architecture.Read,
        ["hunyuan_v1_dense"] = HunyuanArchitecture.Read,
        ["mixtral"] = MoeArchitecture.ReadMixtral,
        ["qwen3_moe"] = MoeArchitecture.ReadQwen3,
        ["gpt_oss"] = GptOssArchitecture.Read,
    };

    /// <summary>Reads <c>config.json</c> and, where there is one, <c>generation_config.json</c> of a model folder.</summary>
    internal static DecoderConfig Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such model folder; give a folder with config.json, model.safetensors and tokenizer.json.");
        var config = Read(ConfigJson.Read(Path.Combine(folder, "config.json")));
        var generation = Path.Combine(folder, "generation_config.json");
        if (!File.Exists(generation)) return config;
        var eos = ConfigJson.Read(generation).Ids("eos_token_id");
        return eos.Count > 0 ? config with { EosTokenIds = eos } : config;
    }

    internal static DecoderConfig Read(ConfigJson json)
    {
        var type = json.Text("model_type") ?? throw new InvalidDataException($"{json.Path}: key model_type is missing; supported: {Names}.");
        if (!Known.TryGetValue(type, out var read)) throw json.Unsupported("model_type", $"'{type}'", Names);
        var config = read(json);
        return Checked(config, json.Path);
    }

    /// <summary>Layers that no real model has.</summary>
    internal const int MaxLayers = 2000;

    private const int MaxWidth = 1 << 22;

    private static string Names => string.Join(", ", Known.Keys);

    private static DecoderConfig Checked(DecoderConfig config, string path)
    {
        // Layers are made before weights are read: the bounds, far above real models, keep a damaged file from taking all memory or overflowing a product.
        foreach (var (name, value, most) in new[]
        {
            ("vocab_size", config.VocabSize, 50_000_000), ("hidden_size", config.HiddenSize, MaxWidth), ("intermediate_size", config.IntermediateSize, MaxWidth),
            ("num_hidden_layers", config.NumHiddenLayers, MaxLayers), ("num_attention_heads", config.NumAttentionHeads, MaxWidth),
            ("num_key_value_heads", config.NumKeyValueHeads, MaxWidth), ("head_dim", config.HeadDim, MaxWidth), ("max_position_embeddings", config.MaxPositionEmbeddings, int.MaxValue),
        })
        {
            if (value <= 0) throw new InvalidDataException($"{path}: {name} is {value}; expected a positive number.");
            if (value > most) throw new InvalidDataException($"{path}: {name} is {value}; expected at most {most}.");
        }
        if ((long)config.NumAttentionHeads * config.HeadDim > MaxWidth)
            throw new InvalidDataException($"{path}: num_attention_heads {config.NumAttentionHeads} times head_dim {config.HeadDim} is more than {MaxWidth}.");
        if (config.NumAttentionHeads % config.NumKeyValueHeads != 0)
            throw new InvalidDataException($"{path}: num_attention_heads {config.NumAttentionHeads} is not a multiple of num_key_value_heads {config.NumKeyValueHeads}.");
        if (config.Rope is { } rope) CheckRotary(config, rope, path);
        return config;
    }

    private static void CheckRotary(DecoderConfig config, RopeConfig rope, string path)
    {
        var dim = rope.RotaryDim(config.HeadDim);
        if (rope.PartialRotaryFactor == 1 && dim % 2 != 0)
            throw new InvalidDataException($"{path}: head_dim is {config.HeadDim}; rotary embeddings need an even number.");
        var pairs = (dim + 1) / 2;
        if (pairs == 0 || 2 * pairs > config.HeadDim)
            throw new InvalidDataException(FormattableString.Invariant($"{path}: partial_rotary_factor {rope.PartialRotaryFactor} of head_dim {config.HeadDim} makes {dim} rotated dimensions; expected at least 1, and a pair for each."));
        if (rope.Scaling is DynamicRopeScaling or AlphaRopeScaling && dim <= 2)
            throw new InvalidDataException($"{path}: head_dim is {config.HeadDim}; rope_type dynamic needs more than 2 rotated dimensions.");
        if (rope.Scaling is not LongRopeScaling scaling) return;
        foreach (var (name, factors) in new[] { ("short_factor", scaling.ShortFactor), ("long_factor", scaling.LongFactor) })
        {
            if (factors.Count != pairs || factors.Any(factor => factor <= 0))
                throw new InvalidDataException($"{path}: {name} has {factors.Count} numbers; expected {pairs} above 0, one for each pair of rotated dimensions.");
        }
    }
}
