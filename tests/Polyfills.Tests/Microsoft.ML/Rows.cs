using Microsoft.ML;
using Microsoft.ML.Data;

namespace Polyfills.Tests.MicrosoftML;

/// <summary>A row with every kind of column that a row class can have.</summary>
public sealed class AllKinds
{
    public string? Text { get; set; }

    public ReadOnlyMemory<char> Memory;
    public bool Flag;
    public sbyte I1;
    public byte U1;
    public short I2;
    public ushort U2;
    public int I4;
    public uint U4;
    public long I8;
    public ulong U8;
    public float R4;
    public double R8;
    public string[]? Texts;
    public int[]? Numbers;

    [VectorType(3)]
    public float[]? Fixed;

    [VectorType(2, 2)]
    public double[]? Matrix;

    public VBuffer<float> Buffer;

    [KeyType(5)]
    public uint Key;

    [ColumnName("Renamed")]
    public int Original;

    [NoColumn]
    public int Ignored;

    public static AllKinds Create(int i) => new()
    {
        Text = $"text {i}",
        Memory = $"memory {i}".AsMemory(),
        Flag = i % 2 == 1,
        I1 = (sbyte)-i,
        U1 = (byte)i,
        I2 = (short)-i,
        U2 = (ushort)i,
        I4 = -i,
        U4 = (uint)i,
        I8 = -i,
        U8 = (ulong)i,
        R4 = i / 2f,
        R8 = i / 4.0,
        Texts = [.. Enumerable.Range(0, i).Select(j => $"{i}.{j}")],
        Numbers = [.. Enumerable.Range(0, i)],
        Fixed = [i, i + 1, i + 2],
        Matrix = [1, 2, 3, i],
        Buffer = new VBuffer<float>(4, 1, [i], [2]),
        Key = (uint)i,
        Original = i * 10,
        Ignored = 1,
    };

    public static AllKinds[] CreateMany(int count) => [.. Enumerable.Range(0, count).Select(Create)];
}

/// <summary>Short names for what the tests do all the time.</summary>
public static class ViewExtensions
{
    /// <summary>All values of a column.</summary>
    public static List<T> Column<T>(this IDataView view, string name)
    {
        var column = view.Schema[name];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<T>(column);
        var values = new List<T>();
        var value = default(T)!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            values.Add(value);
        }
        return values;
    }
}
