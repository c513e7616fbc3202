using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Models;

/// <summary>Reads a model folder's <c>config.json</c>; every complaint names the file and the key.</summary>
internal sealed class ConfigJson(string path, JsonObject json)
{
    internal string Path { get; } = path;

    internal JsonObject Json { get; } = json;

    internal static ConfigJson Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path}: no such file; a Hugging Face model folder holds config.json, model.safetensors and tokenizer.json.", path);
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path)) is JsonObject json) return new ConfigJson(path, json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: line {e.LineNumber + 1}: not valid JSON; download or export the model folder again.", e);
        }
        throw new InvalidDataException($"{path}: the top level is not a JSON object; download or export the model folder again.");
    }

    internal int Int(string key) => (int)Required(key, JsonValueKind.Number).GetValue<double>();

    internal int Int(string key, int absent) => Has(key) ? Int(key) : absent;

    internal double Double(string key, double absent) => Has(key) ? Required(key, JsonValueKind.Number).GetValue<double>() : absent;

    internal bool Bool(string key, bool absent) => Json[key] switch
    {
        null => absent,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        var other => throw Wrong(key, "true or false", other),
    };

    internal string? Text(string key) => Json[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    internal bool Has(string key) => Json[key] is not null;

    internal ConfigJson? Section(string key) => Json[key] is JsonObject section ? new ConfigJson(Path, section) : null;

    /// <summary>A token id or a list of them; an absent or null key is an empty list.</summary>
    internal IReadOnlyList<int> Ids(string key) => Json[key] switch
    {
        null => [],
        JsonArray list => [.. list.Select(id => id!.GetValue<int>())],
        var single => [single.GetValue<int>()],
    };

    internal NotSupportedException Unsupported(string key, string given, string supported) =>
        new($"{Path}: {key} is {given}; supported: {supported}.");

    private JsonNode Required(string key, JsonValueKind kind) => Json[key] switch
    {
        null => throw new InvalidDataException($"{Path}: key {key} is missing; the folder does not hold a complete model configuration."),
        JsonValue value when value.GetValueKind() == kind => value,
        var other => throw Wrong(key, kind == JsonValueKind.Number ? "a number" : kind.ToString(), other),
    };

    private InvalidDataException Wrong(string key, string expected, JsonNode given) =>
        new($"{Path}: {key} is {given.ToJsonString()}; expected {expected}.");
}
