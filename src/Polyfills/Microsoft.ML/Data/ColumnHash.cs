using System.Reflection;
using System.Runtime.InteropServices;

namespace Microsoft.ML.Data;

/// <summary>Hashes of column values (FNV-1a with a final mix), so that equal values go to the same side of a split.</summary>
internal static class ColumnHash
{
    /// <summary>The value's hash as a number in [0, 1).</summary>
    public static Func<double> Fraction(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var method = column.Type is VectorDataViewType ? nameof(VectorBytes) : nameof(ScalarBytes);
        var hash = (Func<uint, uint>)typeof(ColumnHash).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(column.Type.GetItemType().RawType).Invoke(null, [row, column]);
        return () => Mix(hash(2166136261 ^ Mix(seed))) / 4294967296.0;
    }

    private static Func<uint, uint> ScalarBytes<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<T>(column);
        var value = default(T);
        return hash =>
        {
            get(ref value);
            return Add(hash, value);
        };
    }

    private static Func<uint, uint> VectorBytes<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return hash =>
        {
            get(ref value);
            foreach (var item in value.DenseValues())
                hash = Add(Add(hash, item), (byte)0);
            return hash;
        };
    }

    private static uint Add<T>(uint hash, T value)
    {
        var text = value is ReadOnlyMemory<char> characters ? characters.Span : value is bool b ? (b ? "1" : "0") : Convert.ToString(value, null) ?? value.ToString();
        foreach (var c in MemoryMarshal.AsBytes(text))
            hash = (hash ^ c) * 16777619;
        return hash;
    }

    private static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}
