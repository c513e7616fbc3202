using System.Text.Json;
using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace MLNet.Dpo.Parquet;

/// <summary>The rows of one row group, written one by one as JSON objects out of their columns.</summary>
internal sealed class RowGroup
{
    private readonly IReadOnlyList<Field> _fields;
    private readonly Dictionary<FieldPath, ColumnCursor> _columns;
    private readonly long _rows;
    private long _row;

    private RowGroup(IReadOnlyList<Field> fields, Dictionary<FieldPath, ColumnCursor> columns, long rows) => (_fields, _columns, _rows) = (fields, columns, rows);

    /// <summary>Whether all rows have been written.</summary>
    public bool IsAtEnd => _row == _rows;

    /// <summary>Reads all columns of a row group.</summary>
    public static async Task<RowGroup> ReadAsync(ParquetReader reader, int index)
    {
        using var group = reader.OpenRowGroupReader(index);
        var columns = new Dictionary<FieldPath, ColumnCursor>();
        foreach (var field in reader.Schema.DataFields)
        {
            using var data = await group.ReadRawColumnDataBaseAsync(field).ConfigureAwait(false);
            columns[field.Path] = new ColumnCursor(
                Values(data, field),
                field.MaxDefinitionLevel > 0 ? data.DefinitionLevels.ToArray() : null,
                field.MaxRepetitionLevel > 0 ? data.RepetitionLevels.ToArray() : null,
                field.MaxDefinitionLevel);
        }
        return new RowGroup(reader.Schema.Fields, columns, group.RowCount);
    }

    /// <summary>Writes the next row.</summary>
    public void WriteNext(Utf8JsonWriter writer)
    {
        _row++;
        writer.WriteStartObject();
        foreach (var field in _fields)
        {
            writer.WritePropertyName(field.Name);
            Write(writer, field);
        }
        writer.WriteEndObject();
    }

    private void Write(Utf8JsonWriter writer, Field field)
    {
        switch (field)
        {
            case ListField list:
                WriteList(writer, list, () => Write(writer, list.Item));
                break;
            case MapField map:
                WriteList(writer, map, () => WriteObject(writer, [map.Key, map.Value]));
                break;
            case StructField { Fields: var fields } when FirstLeaf(field).Definition >= field.MaxDefinitionLevel:
                WriteObject(writer, fields);
                break;
            case StructField:
                SkipLeaves(field);
                writer.WriteNullValue();
                break;
            case DataField { IsArray: true }:
                WriteList(writer, field, () => _columns[field.Path].Write(writer));
                break;
            default:
                _columns[field.Path].Write(writer);
                break;
        }
    }

    private void WriteObject(Utf8JsonWriter writer, IEnumerable<Field> fields)
    {
        writer.WriteStartObject();
        foreach (var child in fields)
        {
            writer.WritePropertyName(child.Name);
            Write(writer, child);
        }
        writer.WriteEndObject();
    }

    /// <summary>A list has items where its own level is reached; one level below it is empty, further below it is null.</summary>
    private void WriteList(Utf8JsonWriter writer, Field list, Action writeItem)
    {
        var leaf = FirstLeaf(list);
        if (leaf.Definition < list.MaxDefinitionLevel)
        {
            var isNull = list.IsNullable && leaf.Definition < list.MaxDefinitionLevel - 1;
            SkipLeaves(list);
            if (isNull)
            {
                writer.WriteNullValue();
                return;
            }
            writer.WriteStartArray();
        }
        else
        {
            writer.WriteStartArray();
            do
                writeItem();
            while (leaf.Repetition == list.MaxRepetitionLevel);
        }
        writer.WriteEndArray();
    }

    private ColumnCursor FirstLeaf(Field field) => _columns[Leaves(field).First().Path];

    private void SkipLeaves(Field field)
    {
        foreach (var leaf in Leaves(field))
            _columns[leaf.Path].Skip();
    }

    private static IEnumerable<DataField> Leaves(Field field) => field switch
    {
        DataField leaf => [leaf],
        ListField list => Leaves(list.Item),
        MapField map => Leaves(map.Key).Concat(Leaves(map.Value)),
        StructField { Fields: var fields } => fields.SelectMany(Leaves),
        _ => throw new NotSupportedException($"the column '{field.Path}' has a kind that is not known"),
    };

    private static Array Values(RawColumnData data, DataField field) => data switch
    {
        RawColumnData<ReadOnlyMemory<char>> texts => Texts(texts.Values),
        RawColumnData<ReadOnlyMemory<byte>> bytes => Bytes(bytes.Values),
        RawColumnData<bool> values => values.Values.ToArray(),
        RawColumnData<sbyte> values => values.Values.ToArray(),
        RawColumnData<byte> values => values.Values.ToArray(),
        RawColumnData<short> values => values.Values.ToArray(),
        RawColumnData<ushort> values => values.Values.ToArray(),
        RawColumnData<int> values => values.Values.ToArray(),
        RawColumnData<uint> values => values.Values.ToArray(),
        RawColumnData<long> values => values.Values.ToArray(),
        RawColumnData<ulong> values => values.Values.ToArray(),
        RawColumnData<float> values => values.Values.ToArray(),
        RawColumnData<double> values => values.Values.ToArray(),
        RawColumnData<decimal> values => values.Values.ToArray(),
        RawColumnData<DateTime> values => values.Values.ToArray(),
        RawColumnData<DateOnly> values => values.Values.ToArray(),
        RawColumnData<TimeOnly> values => values.Values.ToArray(),
        RawColumnData<TimeSpan> values => values.Values.ToArray(),
        RawColumnData<Guid> values => values.Values.ToArray(),
        _ => throw new NotSupportedException($"the column '{field.Path}' holds {field.ClrType.Name}, which is not supported; leave it out of the file"),
    };

    // The memory behind the values is given back with the column.
    private static string[] Texts(ReadOnlySpan<ReadOnlyMemory<char>> values)
    {
        var texts = new string[values.Length];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = values[i].ToString();
        return texts;
    }

    private static byte[][] Bytes(ReadOnlySpan<ReadOnlyMemory<byte>> values)
    {
        var bytes = new byte[values.Length][];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = values[i].ToArray();
        return bytes;
    }
}
