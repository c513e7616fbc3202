using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The values of one column in the rows that were kept.</summary>
internal interface IKeptColumn
{
    /// <summary>Keeps the current row's value.</summary>
    void Add();

    /// <summary>Forgets all values.</summary>
    void Clear();
}

/// <summary>Makes the keepers of ML.NET's own types, without code that is generated as it runs.</summary>
internal static class KeptColumn
{
    /// <summary>A keeper of a column of numbers, texts, times or vectors of them; null for another type.</summary>
    internal static IKeptColumn? Of(DataViewRow row, DataViewSchema.Column column) =>
        Try<float>(row, column) ?? Try<ReadOnlyMemory<char>>(row, column) ?? Try<int>(row, column) ?? Try<bool>(row, column) ?? Try<double>(row, column)
        ?? Try<long>(row, column) ?? Try<uint>(row, column) ?? Try<ulong>(row, column) ?? Try<byte>(row, column) ?? Try<sbyte>(row, column)
        ?? Try<short>(row, column) ?? Try<ushort>(row, column) ?? Try<DateTime>(row, column) ?? Try<DateTimeOffset>(row, column) ?? Try<TimeSpan>(row, column)
        ?? Try<DataViewRowId>(row, column);

    private static IKeptColumn? Try<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var type = column.Type.RawType;
        if (type == typeof(T)) return new KeptColumn<T>(row.GetGetter<T>(column), (ref T kept, ref T value) => value = kept);
        // The buffer that a getter is handed is the caller's to overwrite.
        return type == typeof(VBuffer<T>) ? new KeptColumn<VBuffer<T>>(row.GetGetter<VBuffer<T>>(column), (ref VBuffer<T> kept, ref VBuffer<T> value) => kept.CopyTo(ref value)) : null;
    }
}

/// <summary>Gives a kept value out.</summary>
internal delegate void GiveKept<T>(ref T kept, ref T value);

/// <summary>The kept values of a column of one type.</summary>
internal sealed class KeptColumn<T>(ValueGetter<T> read, GiveKept<T> give) : IKeptColumn
{
    private readonly List<T> _values = [];

    public void Add()
    {
        var value = default(T)!;
        read(ref value);
        _values.Add(value);
    }

    public void Clear() => _values.Clear();

    internal void Give(int row, ref T value)
    {
        var kept = _values[row];
        give(ref kept, ref value);
    }
}
