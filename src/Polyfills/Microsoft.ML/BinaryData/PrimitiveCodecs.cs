using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>Values one after the other, little endian.</summary>
internal sealed class PackedCodec<T>(DataViewType type) : ValueCodec<T>(typeof(T).Name, type)
    where T : unmanaged
{
    public override void Write(BinaryWriter writer, IReadOnlyList<T> values) => writer.Write(MemoryMarshal.AsBytes(values.ToArray().AsSpan()));

    public override T[] Read(BinaryReader reader, int count)
        => MemoryMarshal.Cast<byte, T>(ReadBytes(reader, (long)count * Unsafe.SizeOf<T>())).ToArray();
}

/// <summary>Keys as numbers; the definition holds the stored type and the number of categories.</summary>
internal sealed class KeyCodec<T>(ValueCodec<T> stored, KeyDataViewType type) : ValueCodec<T>(LoadName, type)
{
    public const string LoadName = "Key2";

    public override void Write(BinaryWriter writer, IReadOnlyList<T> values) => stored.Write(writer, values);

    public override T[] Read(BinaryReader reader, int count) => stored.Read(reader, count);

    protected override void WriteParameters(BinaryWriter writer)
    {
        stored.WriteDefinition(writer);
        writer.Write(type.Count);
    }
}

/// <summary>Eight values in a byte, the first lowest.</summary>
internal sealed class BooleanCodec() : ValueCodec<bool>(nameof(Boolean), BooleanDataViewType.Instance)
{
    public override void Write(BinaryWriter writer, IReadOnlyList<bool> values)
    {
        var bytes = new byte[(values.Count + 7) / 8];
        new BitArray([.. values]).CopyTo(bytes, 0);
        writer.Write(bytes);
    }

    public override bool[] Read(BinaryReader reader, int count)
    {
        var bits = new BitArray(ReadBytes(reader, (count + 7L) / 8));
        return Enumerable.Range(0, count).Select(i => bits[i]).ToArray();
    }
}

/// <summary>The number of texts, where each ends (in characters), and all of them as one.</summary>
internal sealed class TextCodec() : ValueCodec<ReadOnlyMemory<char>>("TextSpan", TextDataViewType.Instance)
{
    public override void Write(BinaryWriter writer, IReadOnlyList<ReadOnlyMemory<char>> values)
    {
        writer.Write(values.Count);
        var end = 0;
        foreach (var value in values)
            writer.Write(end += value.Length);
        writer.Write(string.Concat(values));
    }

    public override ReadOnlyMemory<char>[] Read(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(reader.ReadInt32() == count, "Number of texts differs from the number of values");
        var ends = MemoryMarshal.Cast<byte, int>(ReadBytes(reader, (long)count * sizeof(int))).ToArray();
        var text = reader.ReadString();
        var values = new ReadOnlyMemory<char>[count];
        var start = 0;
        for (var i = 0; i < count; i++)
        {
            // The highest bit marks a missing text in files of old versions; it is empty.
            var end = ends[i] & int.MaxValue;
            Contracts.CheckDecode(start <= end && end <= text.Length, "Text boundaries out of range");
            values[i] = text.AsMemory(start, end - start);
            start = end;
        }
        Contracts.CheckDecode(start == text.Length, "Text boundaries do not cover the text");
        return values;
    }
}

/// <summary>Ticks.</summary>
internal sealed class DateTimeCodec() : ValueCodec<DateTime>(nameof(DateTime), DateTimeDataViewType.Instance)
{
    public override void Write(BinaryWriter writer, IReadOnlyList<DateTime> values)
    {
        foreach (var value in values)
            writer.Write(value.Ticks);
    }

    public override DateTime[] Read(BinaryReader reader, int count)
        => Enumerable.Range(0, count).Select(_ => new DateTime(reader.ReadInt64())).ToArray();
}

/// <summary>All offsets in minutes, then all local times in ticks.</summary>
internal sealed class DateTimeOffsetCodec() : ValueCodec<DateTimeOffset>(nameof(DateTimeOffset), DateTimeOffsetDataViewType.Instance)
{
    public override void Write(BinaryWriter writer, IReadOnlyList<DateTimeOffset> values)
    {
        foreach (var value in values)
            writer.Write((short)value.Offset.TotalMinutes);
        foreach (var value in values)
            writer.Write(value.DateTime.Ticks);
    }

    public override DateTimeOffset[] Read(BinaryReader reader, int count)
    {
        var offsets = Enumerable.Range(0, count).Select(_ => TimeSpan.FromMinutes(reader.ReadInt16())).ToArray();
        return offsets.Select(offset => new DateTimeOffset(new DateTime(reader.ReadInt64()), offset)).ToArray();
    }
}
