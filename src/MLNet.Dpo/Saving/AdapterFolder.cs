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

    /// <summary>Puts a folder's adapter into a model, in place of what is there.</summary>
    /// <returns>The adapter's settings.</returns>
    internal static AdapterConfig Load(CausalLM model, string folder)
    {
        var set = Read(model, folder);
        AdapterSet.Of(model, set.Config).Dispose();
        set.Put(model);
        return set.Config;
    }

    /// <summary>Reads a folder's adapter for a model, which stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="dropout">The dropout of a training that goes on with it; null for the one that it says.</param>
    internal static AdapterSet Read(CausalLM model, string folder, double? dropout = null)
    {
        var path = Path.Combine(folder, ConfigName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; a PEFT adapter folder holds {ConfigName} and {WeightsName}.", path);
        var config = AdapterConfig.Read(ConfigJson.Read(path));
        var file = Path.Combine(folder, WeightsName);
        if (!File.Exists(file) && File.Exists(Path.Combine(folder, PickleName)))
            throw new NotSupportedException($"{folder} has {PickleName}, which is a program rather than data and is not read; save the adapter again with PEFT's save_pretrained (safe_serialization=True), which gives {WeightsName}.");
        using var weights = SafetensorsCheckpoint.Open(file);
        return AdapterReader.Read(model, config with { Dropout = dropout ?? config.Dropout }, weights);
    }

    /// <summary>The base that a folder's adapter was made for, as it was named then; null where it names none.</summary>
    internal static string? BaseOf(string folder) =>
        ConfigJson.Read(Path.Combine(folder, ConfigName)).Json["base_model_name_or_path"] is JsonValue value && value.TryGetValue(out string? path) && path.Length > 0 ? path : null;

    /// <summary>Whether a folder's adapter is scaled by √rank; false where there is none to ask.</summary>
    internal static bool UsesRsLora(string folder) =>
        Path.Combine(folder, ConfigName) is var path && File.Exists(path) && AdapterConfig.Read(ConfigJson.Read(path)).UseRsLora;

    /// <summary>Writes the model's adapters into a folder, each file whole or not at all.</summary>
    internal static void Save(CausalLM model, AdapterConfig config, string folder, string? basePath)
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(folder);
        var adapted = model.Adaptable.Where(p => p.Adapter is not null).ToList();
        var json = config.ToJson(basePath, Targets(model, adapted));
        json["fan_in_fan_out"] = adapted.Any(p => p.FanInFanOut);
        JsonFile.Write(Path.Combine(folder, ConfigName), json);
        SafetensorsWriter.Write(
            Path.Combine(folder, WeightsName),
            AdapterTensors.Saved(model, AdapterState.Policy).Select(p => TensorSafetensors.Source(p.Key, p.Value)),
            SafetensorsWriter.PyTorchMetadata);
    }

    /// <summary>What target_modules is for these projections: the last parts of their names, or where these would mean others too their whole names.</summary>
    internal static IEnumerable<string> Targets(CausalLM model, IReadOnlyList<Linear> adapted)
    {
        var ends = adapted.Select(p => End(p.Name)).Distinct().Order(StringComparer.Ordinal).ToList();
        var others = model.Adaptable.Select(p => p.Name).Except(adapted.Select(p => p.Name));
        return others.Any(name => ends.Contains(End(name))) ? adapted.Select(p => p.Name) : ends;
    }

    private static string End(string name) => name[(name.LastIndexOf('.') + 1)..];
}
