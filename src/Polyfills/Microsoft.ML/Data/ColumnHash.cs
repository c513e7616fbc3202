using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Column values as keys of 30 bits, so that equal values go to the same side of a split.</summary>
internal static class ColumnHash
{
    private const uint KeyCount = 1u << 30;

    /// <summary>The middle of the key's share of [0, 1); not a number for missing values, of which empty text is one.</summary>
    public static Func<double> Fraction(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var isVector = column.Type is VectorDataViewType;
        var isKey = column.Type.GetItemType() is KeyDataViewType;
        var key = column.Type.GetItemType() is TextDataViewType
            ? isVector ? Texts(row, column, seed) : Text(row, column, seed)
            : (Func<uint?>)typeof(ColumnHash).GetMethod(isVector ? nameof(Vector) : nameof(Scalar), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(column.Type.GetItemType().RawType).Invoke(null, [row, column, seed, isKey]);
        return () => key() is { } hash ? ((hash & (KeyCount - 1)) + 0.5) / KeyCount : double.NaN;
    }

    private static Func<uint?> Text(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var read = EvaluatorColumns.Reader<ReadOnlyMemory<char>>(row, column);
        return () => Add(seed, read());
    }

    private static Func<uint?> Texts(DataViewRow row, DataViewSchema.Column column, uint seed)
    {
        var read = EvaluatorColumns.Reader<VBuffer<ReadOnlyMemory<char>>>(row, column);
        return () => read().DenseValues().Aggregate((uint?)seed, (hash, text) => hash is { } soFar ? Add(soFar, text) : null);
    }

    private static Func<uint?> Scalar<T>(DataViewRow row, DataViewSchema.Column column, uint seed, bool isKey)
    {
        var read = EvaluatorColumns.Reader<T>(row, column);
        return () => Add(seed, read(), isKey) is { } hash ? Murmur3.Finish(hash.Hash, hash.Length) : null;
    }

    private static Func<uint?> Vector<T>(DataViewRow row, DataViewSchema.Column column, uint seed, bool isKey)
    {
        var read = EvaluatorColumns.Reader<VBuffer<T>>(row, column);
        return () =>
        {
            var (hash, length) = (seed, 0);
            foreach (var value in read().DenseValues())
            {
                if (Add(hash, value, isKey) is not { } added)
                    return null;
                (hash, length) = (added.Hash, length + added.Length);
            }
            return Murmur3.Finish(hash, length);
        };
    }

    private static uint? Add(uint hash, ReadOnlyMemory<char> text) => text.IsEmpty ? null : Murmur3.Text(hash, text.Span.Trim(' '));

    /// <summary>Mixes in one word, or two for types of 64 bits; null when the value is missing.</summary>
    private static (uint Hash, int Length)? Add<T>(uint hash, T value, bool isKey)
    {
        switch (value)
        {
            case float number:
                return float.IsNaN(number) ? null : (Murmur3.Round(hash, BitConverter.SingleToUInt32Bits(number == 0 ? 0 : number)), sizeof(uint));
            case double number:
                return double.IsNaN(number) ? null : AddLong(hash, BitConverter.DoubleToUInt64Bits(number == 0 ? 0 : number));
            case long or ulong or DateTime or DateTimeOffset or TimeSpan:
                var bits = value switch
                {
                    long number => (ulong)number,
                    DateTime time => (ulong)time.Ticks,
                    DateTimeOffset time => (ulong)time.UtcTicks,
                    TimeSpan time => (ulong)time.Ticks,
                    _ => Convert.ToUInt64(value),
                };
                return isKey && bits == 0 ? null : AddLong(hash, bits);
            case DataViewRowId:
                throw Contracts.ExceptNotSupp("A row identifier cannot be a sampling key.");
            default:
                var word = value is bool flag ? (flag ? 1u : 0u) : unchecked((uint)Convert.ToInt64(value));
                return isKey && word == 0 ? null : (Murmur3.Round(hash, word), sizeof(uint));
        }
    }

    private static (uint Hash, int Length) AddLong(uint hash, ulong bits)
        => (Murmur3.Round(Murmur3.Round(hash, (uint)bits), (uint)(bits >> 32)), sizeof(ulong));
}
