using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>Column values as JSON values, by the column's type.</summary>
internal static class JsonValues
{
    /// <summary>A function that writes the value of the row that stands at <paramref name="row"/>.</summary>
    /// <exception cref="ArgumentException">The column's type has no JSON.</exception>
    internal static Action<Utf8JsonWriter> Writer(DataViewRow row, DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        return item switch
        {
            TextDataViewType => Of<ReadOnlyMemory<char>>(row, column, (writer, text) => writer.WriteStringValue(RowTexts.CheckedText(text.ToString()))),
            BooleanDataViewType => Of<bool>(row, column, (writer, value) => writer.WriteBooleanValue(value)),
            KeyDataViewType key => Key(row, column, key),
            NumberDataViewType => Number(row, column, item.RawType),
            DateTimeDataViewType => Of<DateTime>(row, column, (writer, value) => writer.WriteStringValue(value)),
            DateTimeOffsetDataViewType => Of<DateTimeOffset>(row, column, (writer, value) => writer.WriteStringValue(value)),
            TimeSpanDataViewType => Of<TimeSpan>(row, column, (writer, value) => writer.WriteStringValue(value.ToString("c"))),
            _ => throw new ArgumentException($"Column {column.Name} is {column.Type}, which has no JSON; leave it out (ml.Transforms.DropColumns)."),
        };
    }

    private static Action<Utf8JsonWriter> Number(DataViewRow row, DataViewSchema.Column column, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Single => Of<float>(row, column, (writer, value) => Write(writer, value, () => writer.WriteNumberValue(value))),
        TypeCode.Double => Of<double>(row, column, (writer, value) => Write(writer, value, () => writer.WriteNumberValue(value))),
        TypeCode.SByte => Of<sbyte>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.Byte => Of<byte>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.Int16 => Of<short>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.UInt16 => Of<ushort>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.Int32 => Of<int>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.UInt32 => Of<uint>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.Int64 => Of<long>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        TypeCode.UInt64 => Of<ulong>(row, column, (writer, value) => writer.WriteNumberValue(value)),
        _ => throw new ArgumentException($"Column {column.Name} is {column.Type}, which has no JSON; leave it out (ml.Transforms.DropColumns)."),
    };

    // NaN is ML.NET's missing value; an infinity would come back as something else.
    private static void Write(Utf8JsonWriter writer, double value, Action write)
    {
        if (double.IsNaN(value)) writer.WriteNullValue();
        else if (double.IsInfinity(value)) throw new FormatException($"is {(value > 0 ? "infinite" : "minus infinity")}, which JSON has no number for; replace it first");
        else write();
    }

    // A key by its name, where it has one; 0 is a missing key.
    private static Action<Utf8JsonWriter> Key(DataViewRow row, DataViewSchema.Column column, KeyDataViewType key)
    {
        var names = Names(column);
        void Write(Utf8JsonWriter writer, ulong value)
        {
            if (value == 0) writer.WriteNullValue();
            else if (names is null) writer.WriteNumberValue(value);
            else writer.WriteStringValue(names[(int)value - 1]);
        }
        return Type.GetTypeCode(key.RawType) switch
        {
            TypeCode.Byte => Of<byte>(row, column, (writer, value) => Write(writer, value)),
            TypeCode.UInt16 => Of<ushort>(row, column, (writer, value) => Write(writer, value)),
            TypeCode.UInt32 => Of<uint>(row, column, (writer, value) => Write(writer, value)),
            _ => Of<ulong>(row, column, (writer, value) => Write(writer, value)),
        };
    }

    private static string[]? Names(DataViewSchema.Column column)
    {
        if (!column.HasKeyValues() || column.Annotations.Schema[AnnotationUtils.Kinds.KeyValues].Type is not VectorDataViewType { ItemType: TextDataViewType }) return null;
        var values = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetKeyValues(ref values);
        return [.. values.DenseValues().Select(name => RowTexts.CheckedText(name.ToString()))];
    }

    private static Action<Utf8JsonWriter> Of<T>(DataViewRow row, DataViewSchema.Column column, Action<Utf8JsonWriter, T> write)
    {
        if (column.Type is not VectorDataViewType)
        {
            var getter = row.GetGetter<T>(column);
            return writer =>
            {
                var value = default(T)!;
                getter(ref value);
                write(writer, value);
            };
        }
        var vectors = row.GetGetter<VBuffer<T>>(column);
        var buffer = default(VBuffer<T>);
        return writer =>
        {
            vectors(ref buffer);
            writer.WriteStartArray();
            foreach (var value in buffer.DenseValues()) write(writer, value);
            writer.WriteEndArray();
        };
    }
}
