using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data.IO;

/// <summary>
/// The number of vectors; their common length, or 0 and each one's length; for each the number of its explicit values, or -1 when dense;
/// the number of all indices and the indices; all values. The definition holds the item's and the dimensions.
/// </summary>
internal sealed class VectorCodec<T>(ValueCodec<T> items, VectorDataViewType type) : ValueCodec<VBuffer<T>>(VectorCodec.LoadName, type)
{
    public override void Write(BinaryWriter writer, IReadOnlyList<VBuffer<T>> values)
    {
        Contracts.Check(!type.IsKnownSize || values.All(v => v.Length == type.Size), $"Length mismatch: expected {type.Size} slots");
        var common = type.IsKnownSize || values.Select(v => v.Length).Distinct().Count() == 1 ? values[0].Length : 0;
        writer.Write(values.Count);
        writer.Write(common);
        if (common == 0)
            WriteAll(writer, values.Select(v => v.Length));
        WriteAll(writer, values.Select(v => v.IsDense ? -1 : v.GetValues().Length));
        var indices = values.SelectMany(v => v.GetIndices().ToArray()).ToArray();
        writer.Write(indices.Length);
        WriteAll(writer, indices);
        items.Write(writer, values.SelectMany(v => v.GetValues().ToArray()).ToArray());
    }

    public override VBuffer<T>[] Read(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(reader.ReadInt32() == count, "Number of vectors differs from the number of values");
        var common = reader.ReadInt32();
        Contracts.CheckDecode(type.IsKnownSize ? common == type.Size : common >= 0, "Vector length differs from the type's");
        var lengths = common > 0 ? Enumerable.Repeat(common, count).ToArray() : ReadAll(reader, count);
        var counts = ReadAll(reader, count);
        var indices = ReadAll(reader, reader.ReadInt32());
        for (var i = 0; i < count; i++)
            Contracts.CheckDecode(lengths[i] >= 0 && -1 <= counts[i] && counts[i] <= lengths[i], "Vector lengths out of range");
        var values = items.Read(reader, checked(Enumerable.Range(0, count).Sum(i => counts[i] < 0 ? lengths[i] : counts[i])));

        var vectors = new VBuffer<T>[count];
        var (value, index) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var explicitCount = counts[i] < 0 ? lengths[i] : counts[i];
            var positions = counts[i] < 0 ? null : indices.AsSpan(index, explicitCount).ToArray();
            vectors[i] = new VBuffer<T>(lengths[i], explicitCount, values.AsSpan(value, explicitCount).ToArray(), positions);
            value += explicitCount;
            index += positions?.Length ?? 0;
        }
        return vectors;
    }

    protected override void WriteParameters(BinaryWriter writer)
    {
        items.WriteDefinition(writer);
        writer.Write(type.Dimensions.Length);
        WriteAll(writer, type.Dimensions);
    }

    protected override ValueGetter<VBuffer<T>> Getter(VBuffer<T> value) => (ref VBuffer<T> dst) => value.CopyTo(ref dst);

    private static void WriteAll(BinaryWriter writer, IEnumerable<int> numbers)
    {
        foreach (var number in numbers)
            writer.Write(number);
    }

    private static int[] ReadAll(BinaryReader reader, int count)
    {
        Contracts.CheckDecode(0 <= count && count <= reader.BaseStream.Length / sizeof(int), "Value block is too short");
        return Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray();
    }
}

/// <summary>What does not depend on the items.</summary>
internal static class VectorCodec
{
    public const string LoadName = "VBuffer";
}
