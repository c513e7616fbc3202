using System.Text.Json;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>The index of a checkpoint in several files, <c>model.safetensors.index.json</c>: which tensor lies in which shard.</summary>
/// <param name="WeightMap">Tensor name -> file name of its shard, relative to the index's folder.</param>
internal sealed record SafetensorsIndex(IReadOnlyDictionary<string, string> WeightMap)
{
    /// <summary>Reads and checks an index file.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, lacks a <c>weight_map</c> of strings, or names a shard outside its own folder.</exception>
    public static SafetensorsIndex Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(ReadableFile.ReadAllBytes(path));
            return new SafetensorsIndex(ReadWeightMap(document.RootElement));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON (line {e.LineNumber + 1}: {JsonErrors.Describe(e)}); get the file again", e);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidDataException($"'{path}' has a text that is not valid Unicode; get the file again", e);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' is not a safetensors index: {e.Message}", e);
        }
    }

    private static Dictionary<string, string> ReadWeightMap(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("expected an object with a 'weight_map' object");
        var weightMap = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw new InvalidDataException($"the shard of tensor '{property.Name}' is not a string");
            var shard = property.Value.GetString()!;
            if (shard.Length == 0 || shard is "." or ".." || shard.AsSpan().ContainsAny('/', '\\', '\0'))
                throw new InvalidDataException($"the shard '{shard}' of tensor '{property.Name}' is not a plain file name");
            if (!weightMap.TryAdd(property.Name, shard))
                throw new InvalidDataException($"the weight_map names tensor '{property.Name}' twice");
        }
        if (weightMap.Count == 0)
            throw new InvalidDataException("its weight_map is empty");
        return weightMap;
    }
}
