using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>One JSON value of a file, and where it stands.</summary>
internal sealed class JsonRecord(string file, long number, long line, JsonDocument document) : IDisposable
{
    /// <summary>The value.</summary>
    public JsonElement Root => document.RootElement;

    /// <summary>An error that names this record.</summary>
    public PreferenceDataException Error(string what, Exception? inner = null) => PreferenceDataException.InRecord(file, number, line, what, inner);

    /// <summary>Gives the value's memory back; <see cref="Root"/> must not be used any more.</summary>
    public void Dispose() => document.Dispose();
}
