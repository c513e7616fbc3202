using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>A network in a model zip: its configuration, its weights or where they are, and its adapters.</summary>
internal static class ModelStreams
{
    private const long EmbeddedLimit = 2L << 30;
    private const string Weights = "model.safetensors";
    private const string AdapterWeights = AdapterFolder.WeightsName;
    private const string ReferenceWeights = "reference_adapter.safetensors";

    internal static void Save(ModelSaveContext ctx, TunedModel model, BaseModelStorage storage)
    {
        var bytes = model.Network.Parameters.Values.Sum(p => p.numel() * p.ElementSize);
        var embed = storage == BaseModelStorage.Embedded || (storage == BaseModelStorage.Auto && bytes <= EmbeddedLimit);
        if (!embed && model.Adapter is null)
            throw new NotSupportedException($"All weights of this model were trained, so a reference to {model.BasePath} cannot stand for them; save with BaseModelStorage.Embedded, or export a model folder.");

        var zipFolder = ZipFolder.Of(ctx);
        var basePath = embed ? BaseFolder.NameOf(model.BasePath) : BaseFolder.Stored(model.BasePath, zipFolder);
        ctx.Writer.Write(ConfigOf(model.Network).ToJsonString());
        WriteIds(ctx.Writer, model.Network.Config.EosTokenIds);
        ctx.Writer.Write(basePath);
        ctx.Writer.Write(embed ? "" : FingerprintOfBase(model));
        ctx.Writer.Write(model.Adapter?.ToJson(basePath, AdapterFolder.Targets(model.Network, [.. model.Network.Adaptable.Where(p => p.Adapter is not null)])).ToJsonString() ?? "");
        ctx.Writer.Write(model.Reference is null ? "" : embed ? BaseFolder.Portable(model.Reference.Found, zipFolder) : BaseFolder.Stored(model.Reference.Found, zipFolder));
        ctx.Writer.Write(model.Reference?.Fingerprint ?? "");
        if (embed) SaveTensors(ctx, Weights, model.Network.Parameters);
        if (model.Adapter is null) return;
        using var scope = NewDisposeScope();
        SaveTensors(ctx, AdapterWeights, AdapterTensors.Saved(model.Network, AdapterState.Policy));
        SaveTensors(ctx, ReferenceWeights, AdapterTensors.Saved(model.Network, AdapterState.Reference));
    }

    /// <param name="ctx">Where the model is read from.</param>
    /// <param name="device">Where to put it.</param>
    /// <param name="dtype">What it computes in.</param>
    /// <param name="byContent">Whether bases are known by the weights that were loaded, and references named; earlier versions knew bases by their files.</param>
    internal static TunedModel Load(ModelLoadContext ctx, Device device, ScalarType dtype, bool byContent)
    {
        ZipBounds.Check(ctx.Repository._archive);
        var config = Architecture.Read(ConfigJson.Parse("the saved model's config.json", Encoding.UTF8.GetBytes(ctx.Reader.ReadString())))
            with
        { EosTokenIds = ctx.Reader.ReadInt32List("end tokens") };
        var (basePath, hash, adapterJson) = (ctx.Reader.ReadString(), ctx.Reader.ReadString(), ctx.Reader.ReadString());
        var zipFolder = ZipFolder.Of(ctx);
        var reference = byContent ? ReadReference(ctx.Reader, zipFolder, device, dtype) : null;
        var network = hash.Length == 0 ? LoadEmbedded(ctx, config, device, dtype, keepsMasters: adapterJson.Length == 0) : BaseFolder.Find(BaseFolder.Base, basePath, zipFolder, folder =>
        {
            var found = LoadReferenced(folder, config, device, dtype, hash, byContent);
            if (found is not null) basePath = folder;
            return found;
        });
        try
        {
            if (adapterJson.Length == 0) return new TunedModel(network, null, basePath, reference);
            var adapter = AdapterConfig.Read(ConfigJson.Parse("the saved model's adapter_config.json", Encoding.UTF8.GetBytes(adapterJson)));
            WithCheckpoint(ctx, AdapterWeights, file => AdapterReader.Read(network, adapter, file).Put(network));
            WithCheckpoint(ctx, ReferenceWeights, file => AdapterReader.Read(network, adapter, file).Put(network, AdapterState.Reference));
            return new TunedModel(network, adapter, basePath, reference);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>What the weights were when they were loaded, which is what the adapter belongs to; better said now than on loading that the folder has others since.</summary>
    private static string FingerprintOfBase(TunedModel model)
    {
        var loaded = ModelFingerprint.OfWeights(model.Network);
        return ModelFingerprint.OfFolder(model.Network, model.BasePath) == loaded
            ? loaded
            : throw new InvalidDataException($"The base model at {model.BasePath} has other weights than when this model was loaded from it, so the saved model could not refer to it; put the original back, or save with BaseModelStorage.Embedded.");
    }

    private static SeparateReference? ReadReference(BinaryReader reader, string? zipFolder, Device device, ScalarType dtype)
    {
        var (path, fingerprint) = (reader.ReadString(), reader.ReadString());
        return fingerprint.Length == 0 ? null : new SeparateReference(path, zipFolder, fingerprint, device, dtype);
    }

    private static CausalLM LoadEmbedded(ModelLoadContext ctx, DecoderConfig config, Device device, ScalarType dtype, bool keepsMasters)
    {
        CausalLM? network = null;
        // Masters only where they say more than their copies: a model that was trained has float32 weights in its zip, one that was only loaded those that it computes with.
        WithCheckpoint(ctx, Weights, file => network = new CausalLM(config, new CheckpointWeights(file), device, dtype, keepsMasters && file.Tensors.Values.Any(entry => entry.DType == SafetensorsDType.F32)));
        return network!;
    }

    private static CausalLM? LoadReferenced(string folder, DecoderConfig config, Device device, ScalarType dtype, string hash, bool byContent)
    {
        if (!byContent && BaseFolder.HashOf(folder) != hash) return null;
        using var weights = OpenedWeights.Open(folder);
        var network = new CausalLM(config, weights, device, dtype);
        if (!byContent || ModelFingerprint.HasWeights(network, folder, hash)) return network;
        network.Dispose();
        return null;
    }

    private static void SaveTensors(ModelSaveContext ctx, string name, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        var sources = tensors.Select(t => TensorSafetensors.Source(t.Key, t.Value, t.Value.dtype)).ToList();
        if (sources.Count == 0) return;
        ctx.SaveBinaryStream(name, writer =>
        {
            writer.Flush();
            SafetensorsWriter.Write(writer.BaseStream, sources, SafetensorsWriter.PyTorchMetadata);
        });
    }

    // A zip entry cannot be mapped into memory, so it goes through a temporary file.
    private static void WithCheckpoint(ModelLoadContext ctx, string name, Action<SafetensorsCheckpoint> use)
    {
        var temporary = Path.GetTempFileName();
        try
        {
            var found = ctx.TryLoadBinaryStream(name, reader =>
            {
                using var file = File.Create(temporary);
                reader.BaseStream.CopyTo(file);
            });
            if (!found && name == ReferenceWeights) return; // the reference is the bare base
            if (!found) throw new InvalidDataException($"The saved model lacks {name}; save it again.");
            using var checkpoint = SafetensorsCheckpoint.Open(temporary);
            use(checkpoint);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // transformers notes here which folder a config came from.
    private static JsonObject ConfigOf(CausalLM network)
    {
        var config = network.Config.Source.DeepClone().AsObject();
        config.Remove("_name_or_path");
        return config;
    }

    private static void WriteIds(BinaryWriter writer, IReadOnlyList<int> ids)
    {
        writer.Write(ids.Count);
        foreach (var id in ids) writer.Write(id);
    }
}
