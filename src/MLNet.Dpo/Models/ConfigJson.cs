using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;
using MLNet.Dpo.Text;

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
        return Parse(path, ReadableFile.ReadAllBytes(path));
    }

    /// <summary>Reads a configuration that has been read into memory.</summary>
    internal static ConfigJson Parse(string path, byte[] utf8)
    {
        try
        {
            if (JsonFile.Parse(utf8) is JsonObject json) return new ConfigJson(path, json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: line {e.LineNumber + 1}: not valid JSON ({JsonErrors.Describe(e)}); download or export the model folder again.", e);
        }
        throw new InvalidDataException($"{path}: the top level is not a JSON object; download or export the model folder again.");
    }

    internal int Int(string key)
    {
        var value = Required(key, JsonValueKind.Number).GetValue<double>();
        return value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? (int)value : throw Wrong(key, "a whole number");
    }

    internal int Int(string key, int absent) => Has(key) ? Int(key) : absent;

    /// <summary>A number that may be null on purpose; an absent key is not that.</summary>
    internal int? IntOrNull(string key, int? absent) => Has(key) ? Int(key) : Json.ContainsKey(key) ? null : absent;

    /// <summary>The same for a number with a fraction.</summary>
    internal double? DoubleOrNull(string key, double? absent) => Has(key) ? Double(key, 0) : Json.ContainsKey(key) ? null : absent;

    /// <summary>A list of numbers.</summary>
    internal IReadOnlyList<double> Numbers(string key) => Json[key] is JsonArray list && list.All(item => item?.GetValueKind() == JsonValueKind.Number && double.IsFinite(item.GetValue<double>()))
        ? [.. list.Select(item => item!.GetValue<double>())]
        : throw Wrong(key, "a list of numbers");

    internal double Double(string key, double absent)
    {
        if (!Has(key)) return absent;
        var value = Required(key, JsonValueKind.Number).GetValue<double>();
        return double.IsFinite(value) ? value : throw Wrong(key, "a finite number");
    }

    internal bool Bool(string key, bool absent) => Json[key] switch
    {
        null => absent,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Wrong(key, "true or false"),
    };

    internal string? Text(string key) => Has(key) ? Required(key, JsonValueKind.String).GetValue<string>() : null;

    /// <summary>A list of texts.</summary>
    internal IReadOnlyList<string> Texts(string key) => Json[key] is JsonArray list && list.All(item => item?.GetValueKind() == JsonValueKind.String)
        ? [.. list.Select(item => item!.GetValue<string>())]
        : throw Wrong(key, "a list of texts");

    internal bool Has(string key) => Json[key] is not null;

    internal ConfigJson? Section(string key) => Json[key] switch
    {
        null => null,
        JsonObject section => new ConfigJson(Path, section),
        _ => throw Wrong(key, "an object"),
    };

    /// <summary>A token id or a list of them; an absent or null key is an empty list.</summary>
    internal IReadOnlyList<int> Ids(string key) => Json[key] switch
    {
        null => [],
        JsonArray list => [.. list.Select(id => Id(key, id))],
        var single => [Id(key, single)],
    };

    internal NotSupportedException Unsupported(string key, string given, string supported) =>
        new($"{Path}: {key} is {given}; supported: {supported}.");

    internal InvalidDataException Wrong(string key, string expected) =>
        new($"{Path}: {key} is {Short(Json[key]?.ToJsonString() ?? "null")}; expected {expected}.");

    private static string Short(string value) => value.Length <= 200 ? value : value[..200] + "...";

    private int Id(string key, JsonNode? id) =>
        id is JsonValue value && value.TryGetValue<int>(out var number) ? number : throw Wrong(key, "a token id or a list of them");

    private JsonNode Required(string key, JsonValueKind kind) => Json[key] switch
    {
        null => throw new InvalidDataException($"{Path}: key {key} is missing; the folder does not hold a complete model configuration."),
        JsonValue value when value.GetValueKind() == kind => value,
        _ => throw Wrong(key, kind == JsonValueKind.Number ? "a number" : "a text"),
    };
}
