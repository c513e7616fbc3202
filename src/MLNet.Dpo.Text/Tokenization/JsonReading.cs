using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>Reads fields of tokenizer.json, with one clear error where something is missing, of another type or unknown.</summary>
internal static class JsonReading
{
    /// <summary>Reads a whole file; JSON that cannot be read, text that is no Unicode and values of another kind are one kind of error that names it.</summary>
    public static T ReadFile<T>(ReadOnlyMemory<byte> json, string name, Func<JsonElement, T> read)
    {
        if (json.Span.StartsWith("\uFEFF"u8))
            json = json[3..];
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is not valid JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{name} has a value of another kind than expected, or text that is not valid Unicode: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

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
            ? throw new InvalidDataException($"tokenizer.json: {Describe(element)}: \"{name}\" is {value.Value.Raw()}; expected a string.")
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

    /// <summary>A value as it is written, on one line and not too long, for errors.</summary>
    public static string Raw(this JsonElement element)
    {
        string raw = element.GetRawText().ReplaceLineEndings(" ");
        return raw.Length <= 200 ? raw : raw[..200] + "...";
    }

    public static InvalidDataException Unsupported(string part, string? type) =>
        new($"tokenizer.json: the {part} of type \"{type}\" is not supported; use a tokenizer without it, or pass another Tokenizer.");

    private static string Describe(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type) ? type.ToString() : "the file";
}
