using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>A 128-bit identifier of a row. The mixing functions are MurmurHash3's (x64, 128 bits), without its finalizer.</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    /// <summary>The low 64 bits.</summary>
    public readonly ulong Low;

    /// <summary>The high 64 bits.</summary>
    public readonly ulong High;

    /// <summary>An identifier of two halves.</summary>
    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    /// <inheritdoc/>
    public int CompareTo(DataViewRowId other) => High == other.High ? Low.CompareTo(other.Low) : High.CompareTo(other.High);

    /// <inheritdoc/>
    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;

    /// <inheritdoc/>
    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Low, High);

    /// <inheritdoc/>
    public override string ToString() => $"{High:x16}{Low:x16}";

    /// <summary>The identifier that follows when a 1 is mixed in.</summary>
    public DataViewRowId Fork() => Round(Low, High, BitOperations.RotateLeft(C1, 31) * C2, 0);

    /// <summary>The identifier that follows when a 0 is mixed in.</summary>
    public DataViewRowId Next() => Round(Low, High, 0, 0);

    /// <summary>The identifier that follows when another is mixed in.</summary>
    public DataViewRowId Combine(DataViewRowId other)
    {
        var forked = other.Fork();
        return Round(Low, High,
            BitOperations.RotateLeft(forked.Low * C1, 31) * C2,
            BitOperations.RotateLeft(forked.High * C2, 33) * C1, mixFirst: true);
    }

    private static DataViewRowId Round(ulong low, ulong high, ulong k1, ulong k2, bool mixFirst = false)
    {
        if (mixFirst)
            low ^= k1;
        low = (BitOperations.RotateLeft(low, 27) + high) * 5 + 0x52dce729;
        if (mixFirst)
            high ^= k2;
        high = (BitOperations.RotateLeft(high, 31) + low) * 5 + 0x38495ab5;
        return new DataViewRowId(mixFirst ? low : low ^ k1, high);
    }
}
