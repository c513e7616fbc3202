using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>Reads fields of tokenizer.json, with one clear error where something is missing, of another type or unknown.</summary>
internal static class JsonReading
{
    public static JsonElement Required(this JsonElement element, string name, JsonValueKind kind)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var value) || value.ValueKind != kind)
            throw new InvalidDataException($"tokenizer.json: {Describe(element)} needs a field \"{name}\" of type {kind.ToString().ToLowerInvariant()}.");
        return value;
    }

    /// <summary>The field, or null where it is absent or null.</summary>
    public static JsonElement? Optional(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static string RequiredString(this JsonElement element, string name) => element.Required(name, JsonValueKind.String).GetString()!;

    public static string? OptionalString(this JsonElement element, string name)
    {
        var value = element.Optional(name);
        return value is { ValueKind: not JsonValueKind.String }
            ? throw new InvalidDataException($"tokenizer.json: {Describe(element)}: \"{name}\" is {value.Value.GetRawText()}; expected a string.")
            : value?.GetString();
    }

    public static bool Flag(this JsonElement element, string name, bool fallback = false) => element.Optional(name)?.ValueKind switch
    {
        null => fallback,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new InvalidDataException($"tokenizer.json: {Describe(element)}: \"{name}\" must be true or false."),
    };

    public static int Integer(this JsonElement element, string name, int? fallback = null)
    {
        var value = element.Optional(name);
        if (value is null && fallback is { } given)
            return given;
        return value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int integer)
            ? integer
            : throw new InvalidDataException($"tokenizer.json: {Describe(element)} needs an integer \"{name}\".");
    }

    public static InvalidDataException Unsupported(string part, string? type) =>
        new($"tokenizer.json: the {part} of type \"{type}\" is not supported; use a tokenizer without it, or pass another Tokenizer.");

    private static string Describe(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type) ? type.ToString() : "the file";
}
