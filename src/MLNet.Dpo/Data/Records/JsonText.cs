using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>JSON written by hand, where a record's own does not have the form that chat templates take.</summary>
internal static class JsonText
{
    // Readable Chinese in the columns; the text never goes into HTML.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What <paramref name="write"/> writes, as text.</summary>
    public static string Write(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            write(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
