using System.Globalization;
using System.Text.Json;

namespace MLNet.Dpo.Parquet;

/// <summary>The values of one leaf column of a row group, with the levels that say where in lists and structs each stands (Dremel, PVLDB 2010).</summary>
internal sealed class ColumnCursor
{
    private readonly Array _values;
    private readonly int[]? _definitions;
    private readonly int[]? _repetitions;
    private readonly int _maxDefinition;
    private readonly int _entries;
    private int _entry;
    private int _value;

    public ColumnCursor(Array values, int[]? definitions, int[]? repetitions, int maxDefinition)
    {
        (_values, _definitions, _repetitions, _maxDefinition) = (values, definitions, repetitions, maxDefinition);
        _entries = definitions?.Length ?? values.Length;
    }

    /// <summary>Whether nothing is left.</summary>
    public bool IsAtEnd => _entry >= _entries;

    /// <summary>How far the next entry's path is there: below the column's maximum something on it is null or an empty list.</summary>
    public int Definition => IsAtEnd ? throw new InvalidDataException("a column is shorter than the others") : _definitions?[_entry] ?? _maxDefinition;

    /// <summary>At which list the next entry goes on: 0 for a new row, and at the end.</summary>
    public int Repetition => IsAtEnd ? 0 : _repetitions?[_entry] ?? 0;

    /// <summary>Goes on without a value.</summary>
    public void Skip() => Next();

    /// <summary>Writes the next entry, null where it has no value.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        var value = Next();
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case float number when float.IsFinite(number): writer.WriteNumberValue(number); break;
            case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
            // What is not finite is no JSON, and no score.
            case float or double: writer.WriteNullValue(); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case DateTime time: writer.WriteStringValue(time); break;
            case sbyte or byte or short or ushort or int or uint or long: writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case ulong number: writer.WriteNumberValue(number); break;
            default: writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }

    private object? Next()
    {
        var hasValue = Definition == _maxDefinition;
        _entry++;
        return hasValue ? _values.GetValue(_value++) : null;
    }
}
