using System.Text.Json;
using Microsoft.ML;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.DataViews;

/// <summary>Writes the rows of a view as JSON, a line each.</summary>
internal static class JsonLinesWriter
{
    /// <summary>Writes all rows.</summary>
    /// <returns>Their number.</returns>
    internal static long Write(IDataView data, Stream stream)
    {
        var columns = data.Schema.Where(column => !column.IsHidden).ToList();
        var layout = new PreferenceJsonLayout(data.Schema);
        using var cursor = data.GetRowCursor(columns);
        var properties = layout.Properties(cursor, columns);
        using var writer = new Utf8JsonWriter(stream, JsonLine.Options);
        var rows = 0L;
        for (; cursor.MoveNext(); rows++)
        {
            writer.WriteStartObject();
            foreach (var property in properties) Write(writer, property, rows);
            writer.WriteEndObject();
            writer.Flush();
            stream.WriteByte((byte)'\n');
            writer.Reset();
        }
        return rows;
    }

    private static void Write(Utf8JsonWriter writer, JsonProperty property, long row)
    {
        try
        {
            property.Write(writer);
        }
        catch (Exception e) when (e is FormatException and not PreferenceDataException or JsonException or ArgumentException)
        {
            throw new PreferenceDataException($"Row {row}: {property.Column} {(e is FormatException ? e.Message : $"is not valid JSON ({JsonMessage(e)})")}.", e);
        }
    }

    private static string JsonMessage(Exception e) => e is JsonException json ? JsonErrors.Describe(json) : e.Message.ReplaceLineEndings(" ");
}

/// <summary>A column as a property of the row's object.</summary>
/// <param name="Column">The column's name, for errors.</param>
/// <param name="Key">The property's name.</param>
/// <param name="Write">Writes name and value of the row that the cursor stands at, or nothing.</param>
internal sealed record JsonProperty(string Column, string Key, Action<Utf8JsonWriter> Write);
