using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Adapters;

/// <summary>
/// The keys of PEFT's <c>adapter_config.json</c> that are understood. Any other key is a setting that may change what the adapter does, so it may only be absent: null,
/// false, or empty.
/// </summary>
internal static class PeftKeys
{
    // Read by AdapterConfig, or told by the tensors themselves, or of no effect on what a trained adapter computes (PEFT corrects fan_in_fan_out by the layers it finds).
    private static readonly HashSet<string> Understood =
    [
        "peft_type", "r", "lora_alpha", "use_rslora", "rank_pattern", "alpha_pattern", "bias",
        "target_modules", "exclude_modules", "layers_to_transform", "layers_pattern",
        "task_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version", "lora_dropout", "megatron_config", "megatron_core", "runtime_config",
        "use_dora", "modules_to_save", "ensure_weight_tying", "fan_in_fan_out", "qalora_group_size", "init_lora_weights", "loftq_config", "eva_config", "corda_config", "lora_ga_config",
    ];

    // What init_lora_weights may say: these begin with an update of 0, or with a part of the base that can be computed again. All others change the base's weights too.
    private static readonly string[] Beginnings = ["true", "false", "\"gaussian\"", "\"eva\"", "\"orthogonal\"", "\"pissa\"", "\"olora\""];

    /// <summary>Checks that the file asks for nothing else.</summary>
    /// <exception cref="NotSupportedException">It does; the key is named.</exception>
    internal static void Check(ConfigJson json)
    {
        foreach (var (key, value) in json.Json)
        {
            if (!Understood.Contains(key) && !IsAbsent(value)) throw json.Unsupported(key, value!.ToJsonString(), "null, false or absent");
        }
        if (json.Json["init_lora_weights"] is { } beginning && !Beginnings.Contains(beginning.ToJsonString()))
            throw json.Unsupported("init_lora_weights", beginning.ToJsonString(), "true, false, \"gaussian\", \"eva\", \"orthogonal\", \"pissa\" and \"olora\"; an adapter that began otherwise belongs to changed base weights, so convert it with PEFT (save_pretrained with path_initial_model_for_weight_conversion)");
    }

    private static bool IsAbsent(JsonNode? value) => value switch
    {
        null => true,
        JsonArray list => list.Count == 0,
        JsonObject section => section.Count == 0,
        _ => value.GetValueKind() == JsonValueKind.False,
    };
}
