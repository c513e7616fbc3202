using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Files;

/// <summary>JSON files as people read them: indented, written whole or not at all.</summary>
internal static class JsonFile
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes a node by itself, without a serializer: programs may have switched reflection off, as file-based ones do.</summary>
    internal static void Write(string path, JsonNode json) => AtomicFile.Write(path, stream =>
    {
        using var writer = new Utf8JsonWriter(stream, Indented);
        json.WriteTo(writer);
    });
}
