using System.Text.Json.Nodes;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models.Architectures;

/// <summary>A tiny configuration of every family, with the options that distinguish it, and models of random weights made from it.</summary>
internal static class Families
{
    internal const int Vocabulary = 61;

    // Odd numbers of heads, windows shorter than the tests' sequences.
    private static readonly Dictionary<string, string> Configs = new()
    {
        ["llama"] = """{"model_type": "llama", "num_key_value_heads": 1, "head_dim": 10, "attention_bias": true, "mlp_bias": true}""",
        ["llama linear"] = """{"model_type": "llama", "rope_scaling": {"type": "linear", "factor": 4}}""",
        ["llama dynamic"] = """{"model_type": "llama", "max_position_embeddings": 12, "rope_scaling": {"rope_type": "dynamic", "factor": 8}}""",
        ["llama llama3"] = """{"model_type": "llama", "rope_parameters": {"rope_type": "llama3", "rope_theta": 500, "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 16}}""",
        ["llama yarn"] = """{"model_type": "llama", "rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 16}}""",
        ["llama longrope"] = """{"model_type": "llama", "rope_scaling": {"rope_type": "longrope", "factor": 4, "original_max_position_embeddings": 20, "short_factor": [1, 1.1, 1.2, 1.3], "long_factor": [2, 3, 4, 5]}}""",
        ["mistral"] = """{"model_type": "mistral", "sliding_window": 7, "num_key_value_heads": 3}""",
        ["qwen2"] = """{"model_type": "qwen2", "use_sliding_window": true, "sliding_window": 5, "max_window_layers": 1, "num_key_value_heads": 1}""",
        ["qwen3"] = """{"model_type": "qwen3", "head_dim": 6, "num_key_value_heads": 3, "layer_types": ["sliding_attention", "full_attention"], "use_sliding_window": true, "sliding_window": 9}""",
        ["gemma2"] = """{"model_type": "gemma2", "head_dim": 6, "num_key_value_heads": 1, "query_pre_attn_scalar": 5, "sliding_window": 6, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 1.5}""",
        ["gemma3_text"] = """{"model_type": "gemma3_text", "head_dim": 6, "num_key_value_heads": 3, "sliding_window": 6, "sliding_window_pattern": 2, "rope_scaling": {"rope_type": "linear", "factor": 2}, "final_logit_softcapping": 3}""",
        ["phi3"] = """{"model_type": "phi3", "num_key_value_heads": 1, "sliding_window": 30, "partial_rotary_factor": 0.75, "original_max_position_embeddings": 20, "max_position_embeddings": 80, "rope_scaling": {"type": "su", "short_factor": [1, 1.2, 1.5], "long_factor": [2, 4, 8]}}""",
        ["smollm3"] = """{"model_type": "smollm3", "num_key_value_heads": 3, "no_rope_layers": [1, 0], "use_sliding_window": true, "sliding_window": 8}""",
        ["olmo2"] = """{"model_type": "olmo2", "num_key_value_heads": 1, "attention_bias": true}""",
        ["granite"] = """{"model_type": "granite", "embedding_multiplier": 3, "attention_multiplier": 0.2, "residual_multiplier": 0.5, "logits_scaling": 1.5, "mlp_bias": true}""",
        ["gpt2"] = """{"model_type": "gpt2", "n_embd": 27, "n_head": 3, "n_layer": 2, "n_positions": 64, "scale_attn_by_inverse_layer_idx": true}""",
        ["cohere"] = """{"model_type": "cohere", "num_key_value_heads": 1, "use_qk_norm": true, "logit_scale": 0.3}""",
        ["stablelm"] = """{"model_type": "stablelm", "num_key_value_heads": 3, "qk_layernorm": true, "use_qkv_bias": true, "partial_rotary_factor": 0.5}""",
        ["stablelm parallel"] = """{"model_type": "stablelm", "num_key_value_heads": 1, "use_parallel_residual": true, "partial_rotary_factor": 0.25}""",
        ["starcoder2"] = """{"model_type": "starcoder2", "num_key_value_heads": 1, "sliding_window": 6}""",
        ["glm"] = """{"model_type": "glm", "head_dim": 12, "num_key_value_heads": 1}""",
        ["glm4"] = """{"model_type": "glm4", "head_dim": 12, "num_key_value_heads": 3, "attention_bias": false}""",
        ["ernie4_5"] = """{"model_type": "ernie4_5", "head_dim": 10, "num_key_value_heads": 1, "use_bias": true}""",
        ["hunyuan_v1_dense"] = """{"model_type": "hunyuan_v1_dense", "num_key_value_heads": 3, "rope_scaling": {"type": "dynamic", "alpha": 1000.0, "factor": 1.0}}""",
        ["mixtral"] = """{"model_type": "mixtral", "num_key_value_heads": 1, "num_local_experts": 5, "num_experts_per_tok": 2, "sliding_window": 10}""",
        ["gpt_oss"] = """{"model_type": "gpt_oss", "head_dim": 8, "num_key_value_heads": 1, "num_local_experts": 5, "num_experts_per_tok": 2, "sliding_window": 6}""",
        ["qwen3_moe"] = """{"model_type": "qwen3_moe", "head_dim": 6, "num_key_value_heads": 1, "num_experts": 4, "num_experts_per_tok": 3, "moe_intermediate_size": 11, "mlp_only_layers": [0], "norm_topk_prob": true}""",
    };

    internal static IEnumerable<string> Names => Configs.Keys;

    /// <summary>The configuration, as a file's content.</summary>
    internal static JsonObject Json(string name)
    {
        var json = JsonNode.Parse("""{"vocab_size": 61, "hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 3, "max_position_embeddings": 64, "eos_token_id": 2}""")!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(Configs[name])!.AsObject()) json[key] = value?.DeepClone();
        return json;
    }

    internal static DecoderConfig Read(JsonObject json) => Architecture.Read(new ConfigJson("a/config.json", JsonNode.Parse(json.ToJsonString())!.AsObject()));

    /// <summary>A model of random weights, norms and biases too.</summary>
    internal static CausalLM Load(string name, ScalarType dtype = ScalarType.Float32) => Load(Json(name), dtype);

    /// <summary>The same of a changed configuration.</summary>
    internal static CausalLM Load(JsonObject json, ScalarType dtype = ScalarType.Float32)
    {
        set_num_threads(1);
        return new CausalLM(Read(json), new NoisyWeights(), CPU, dtype, keepsMasters: true);
    }

    private sealed class NoisyWeights : IWeightSource
    {
        private int _seed;

        public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
        {
            using var scope = NewDisposeScope();
            var isNorm = name.Contains("norm", StringComparison.Ordinal) || name.Contains("ln_", StringComparison.Ordinal);
            var noise = Tensors.Random(++_seed, shape).mul(0.35);
            return (isNorm && name.EndsWith(".weight", StringComparison.Ordinal) ? noise.add(1) : noise).to(dtype).MoveToOuterDisposeScope();
        }
    }
}
