using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>Functions that give a column's value in the row that a cursor stands at; of no column, nothing.</summary>
internal static class ColumnReader
{
    /// <summary>A text; empty where there is no column.</summary>
    internal static Func<string> Text(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } found) return () => "";
        var getter = row.GetGetter<ReadOnlyMemory<char>>(found);
        return () =>
        {
            var value = default(ReadOnlyMemory<char>);
            getter(ref value);
            return value.ToString();
        };
    }

    /// <summary>The texts of a vector; none where there is no column.</summary>
    internal static Func<string[]> Texts(DataViewRow row, DataViewSchema.Column? column)
    {
        var values = Values<ReadOnlyMemory<char>>(row, column);
        return () => [.. values().Select(text => text.ToString())];
    }

    /// <summary>The values of a vector, each row's in an array of its own; none where there is no column.</summary>
    internal static Func<T[]> Values<T>(DataViewRow row, DataViewSchema.Column? column)
    {
        if (column is not { } found) return () => [];
        var getter = row.GetGetter<VBuffer<T>>(found);
        var buffer = default(VBuffer<T>);
        return () =>
        {
            getter(ref buffer);
            return [.. buffer.DenseValues()];
        };
    }
}
