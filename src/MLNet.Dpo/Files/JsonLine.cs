using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNet.Dpo.Files;

/// <summary>JSON as a line of a JSONL file.</summary>
internal static class JsonLine
{
    /// <summary>Readable in every script; what would break a line is escaped, and the text never goes into HTML.</summary>
    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
