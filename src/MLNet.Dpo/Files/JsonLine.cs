using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Files;

/// <summary>JSON as a line of a JSONL file.</summary>
internal static class JsonLine
{
    /// <summary>Readable in every script; what would break a line is escaped, and the text never goes into HTML.</summary>
    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a line of a file that a kill or a full disk may have torn; null where it is no whole object.</summary>
    internal static JsonObject? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonFile.Parse(utf8) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
