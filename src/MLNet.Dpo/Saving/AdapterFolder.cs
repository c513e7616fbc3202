using System.Text.Json.Nodes;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>Reads and writes PEFT adapter folders: adapter_config.json and adapter_model.safetensors.</summary>
internal static class AdapterFolder
{
    internal const string ConfigName = "adapter_config.json";
    internal const string WeightsName = "adapter_model.safetensors";
    private const string PickleName = "adapter_model.bin";
    private const string Prefix = "base_model.model.";

    /// <summary>Puts a folder's adapter into a model's projections.</summary>
    /// <returns>The adapter's settings.</returns>
    internal static AdapterConfig Load(CausalLM model, string folder)
    {
        var path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; a PEFT adapter folder holds {ConfigName} and {WeightsName}.", path);
        var config = AdapterConfig.Read(ConfigJson.Read(path));
        var file = Path.Combine(folder, WeightsName);
        if (!File.Exists(file) && File.Exists(Path.Combine(folder, PickleName)))
            throw new NotSupportedException($"{folder} has {PickleName}, which is a program rather than data and is not read; save the adapter again with PEFT's save_pretrained (safe_serialization=True), which gives {WeightsName}.");
        using var weights = SafetensorsCheckpoint.Open(file);
        Load(model, config, weights, (projection, adapter) =>
        {
            projection.Adapter?.Dispose();
            projection.Adapter = adapter;
        });
        return config;
    }

    /// <summary>The base that a folder's adapter was made for, as it was named then; null where it names none.</summary>
    internal static string? BaseOf(string folder) =>
        ConfigJson.Read(Path.Combine(folder, ConfigName)).Json["base_model_name_or_path"] is JsonValue value && value.TryGetValue(out string? path) && path.Length > 0 ? path : null;

    /// <summary>Whether a folder's adapter is scaled by √rank; false where there is none to ask.</summary>
    internal static bool UsesRsLora(string folder) =>
        Path.Combine(folder, ConfigName) is var path && File.Exists(path) && AdapterConfig.Read(ConfigJson.Read(path)).UseRsLora;

    /// <summary>Reads an adapter's tensors and hands each projection its own.</summary>
    internal static void Load(CausalLM model, AdapterConfig config, SafetensorsCheckpoint weights, Action<Linear, IAdapter> put)
    {
        CheckNames(weights);
        var unused = weights.Tensors.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var projection in model.Projections)
        {
            var module = ModuleName(projection);
            var names = unused.Where(name => name.StartsWith(module, StringComparison.Ordinal)).ToList();
            if (names.Count == 0) continue;
            unused.ExceptWith(names);
            using var scope = NewDisposeScope(); // an adapter takes what it keeps out of it
            var tensors = names.ToDictionary(name => name[module.Length..], name => TensorSafetensors.Read(weights, name, ScalarType.Float32, model.Device));
            put(projection, config.Create(projection, tensors, weights.Path));
        }
        if (unused.Count > 0)
            throw new InvalidDataException($"{weights.Path}: tensor {unused.Order(StringComparer.Ordinal).First()} fits no projection of this {model.Config.ModelType} model; the adapter was made for another base.");
    }

    // Names that tools other than PEFT's save_pretrained leave behind, each with its own way out.
    private static void CheckNames(SafetensorsCheckpoint weights)
    {
        if (weights.Tensors.Count == 0) throw new InvalidDataException($"{weights.Path} holds no tensors; save the adapter again.");
        foreach (var name in weights.Tensors.Keys.Order(StringComparer.Ordinal))
        {
            if (name.Contains(".default.", StringComparison.Ordinal))
                throw new InvalidDataException($"{weights.Path}: tensor {name} is named as in a PEFT model's memory; save the adapter with save_pretrained, which leaves .default out, or rename its tensors so.");
            if (!name.StartsWith(Prefix, StringComparison.Ordinal))
                throw new InvalidDataException($"{weights.Path}: tensor {name} lacks the prefix {Prefix}, which PEFT's save_pretrained writes; rename the tensors, or save the adapter again with PEFT.");
        }
    }

    /// <summary>Writes the model's adapters into a folder, each file whole or not at all.</summary>
    internal static void Save(CausalLM model, AdapterConfig config, string folder, string? basePath)
    {
        Directory.CreateDirectory(folder);
        var adapted = model.Projections.Where(p => p.Adapter is not null).ToList();
        var json = config.ToJson(basePath, adapted.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..]).Distinct().Order(StringComparer.Ordinal));
        json["fan_in_fan_out"] = adapted.Any(p => p.FanInFanOut);
        JsonFile.Write(Path.Combine(folder, ConfigName), json);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName),
            Tensors(model, p => p.Adapter).Select(p => TensorSafetensors.Source(p.Key, p.Value)),
            SafetensorsWriter.PyTorchMetadata);
    }

    /// <summary>The tensors of one kind of adapters under PEFT's names.</summary>
    internal static IEnumerable<KeyValuePair<string, Tensor>> Tensors(CausalLM model, Func<Linear, IAdapter?> adapterOf) =>
        from projection in model.Projections
        from parameter in adapterOf(projection)?.Parameters ?? []
        select KeyValuePair.Create(ModuleName(projection) + parameter.Key, parameter.Value);

    private static string ModuleName(Linear projection) => $"{Prefix}{projection.Name}.";
}
