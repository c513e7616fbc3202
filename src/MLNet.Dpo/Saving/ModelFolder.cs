using System.Text.Json.Nodes;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>Reads and writes Hugging Face model folders: config.json and model.safetensors.</summary>
internal static class ModelFolder
{
    /// <summary>Loads the model of a folder, or of a GGUF file, onto a device, its weights converted to a type.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="dtype">What it computes in.</param>
    /// <param name="keepsMasters">Whether all its weights are to be trained, or were; see <see cref="CausalLM"/>.</param>
    internal static CausalLM Load(string folder, Device device, ScalarType dtype = ScalarType.Float32, bool keepsMasters = false)
    {
        var config = OpenedWeights.ReadConfig(folder);
        using var weights = OpenedWeights.Open(folder);
        var rounds = dtype != ScalarType.Float32 && !keepsMasters && !weights.AreBFloat16;
        return new CausalLM(config, weights, device, dtype, keepsMasters) { IsRounded = rounds };
    }

    /// <summary>The type that a precision option means for the model of a folder; of its weights only the names and shapes are read.</summary>
    internal static ScalarType DtypeOf(string folder, Precision precision, Device device)
    {
        if (precision != Precision.Auto) return PrecisionChoice.Resolve(precision, 0, device);
        using var weights = OpenedWeights.Open(folder);
        return PrecisionChoice.Resolve(precision, weights.Count, device);
    }

    /// <summary>Writes config.json, generation_config.json and model.safetensors into a folder; other files there are left alone.</summary>
    /// <param name="model">The model; adapters are merged into what is written, not into the model itself.</param>
    /// <param name="folder">Made when it is missing.</param>
    /// <param name="storedAs">Float32 or bfloat16; null: the type of its parameters.</param>
    internal static void Save(CausalLM model, string folder, ScalarType? storedAs = null)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var dtype = storedAs ?? model.Parameters.Values.First().dtype;
        Directory.CreateDirectory(folder);
        var weights = MergedWeights.Of(model);
        var source = model.Config.Source.DeepClone().AsObject();
        if (weights.HasOwnHead) source["tie_word_embeddings"] = false;
        source.Remove("torch_dtype");
        source["dtype"] = dtype == ScalarType.BFloat16 ? "bfloat16" : "float32";
        JsonFile.Write(Path.Combine(folder, "config.json"), source);
        if (model.Config.EosTokenIds.Count > 0)
        {
            var generation = new JsonObject { ["eos_token_id"] = new JsonArray([.. model.Config.EosTokenIds.Select(id => JsonValue.Create(id))]) };
            foreach (var role in new[] { "bos_token_id", "pad_token_id" })
            {
                if (source[role] is JsonValue id && id.TryGetValue(out int _)) generation[role] = id.DeepClone();
            }
            JsonFile.Write(Path.Combine(folder, "generation_config.json"), generation);
        }

        SafetensorsWriter.Write(
            Path.Combine(folder, "model.safetensors"),
            weights.Tensors.Select(p => TensorSafetensors.Source(p.Key, p.Value, dtype)),
            SafetensorsWriter.PyTorchMetadata);
    }
}
