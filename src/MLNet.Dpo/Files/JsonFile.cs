using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Files;

/// <summary>JSON files as people read them: indented, written whole or not at all.</summary>
internal static class JsonFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Reads JSON of which every part can be used: the framework's nodes find bad text and keys that stand twice only when they are looked at.</summary>
    /// <exception cref="JsonException">It is not JSON, an object has a key twice, or a text in it is not valid Unicode.</exception>
    internal static JsonNode? Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith("\uFEFF"u8)) utf8 = utf8[3..];
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName) _ = reader.GetString();
            }
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException(JsonErrors.BadText, path: null, utf8[..(int)reader.TokenStartIndex].Count((byte)'\n'), bytePositionInLine: null, e);
        }
        return JsonNode.Parse(utf8, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
    }

    /// <summary>Writes a node by itself, without a serializer: programs may have switched reflection off, as file-based ones do.</summary>
    internal static void Write(string path, JsonNode json) => AtomicFile.Write(path, stream =>
    {
        using var writer = new Utf8JsonWriter(stream, Indented);
        json.WriteTo(writer);
    });
}
