using System.Buffers.Binary;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>What stands in front of a GGUF file's tensors: magic, version, counts, key-value pairs, and where each tensor lies.</summary>
/// <param name="Version">The format's version, 2 or 3.</param>
/// <param name="Values">The key-value pairs.</param>
/// <param name="Entries">The tensors, in the header's order.</param>
internal sealed record GgufHeader(uint Version, IReadOnlyDictionary<string, object> Values, IReadOnlyList<GgufEntry> Entries)
{
    internal const uint Magic = 0x46554747; // "GGUF"
    internal const string AlignmentKey = "general.alignment";
    internal const int DefaultAlignment = 32;
    internal const int MaxDimensions = 4;

    /// <summary>Reads a header; nothing is taken to be there that the file's length does not allow.</summary>
    /// <exception cref="InvalidDataException">It is none; the message says what is wrong, without the file's name.</exception>
    internal static GgufHeader Read(GgufHeaderReader reader)
    {
        if (reader.UInt32("the magic") != Magic) throw new InvalidDataException("it does not begin with GGUF");
        var version = reader.UInt32("the version");
        if (version is not (2 or 3))
            throw new InvalidDataException(BinaryPrimitives.ReverseEndianness(version) is 2 or 3 ? "it is big-endian; only little-endian files are read" : $"it is of version {version}; versions 2 and 3 are read");
        var tensors = reader.Count("tensors", 8 + 4 + 8 + 4 + 8);
        var pairs = reader.Count("key-value pairs", 8 + 4 + 1);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (var i = 0; i < pairs; i++)
        {
            var key = reader.Text("a key");
            if (!values.TryAdd(key, reader.Value(key))) throw new InvalidDataException($"it has the key '{key}' twice");
        }
        return new GgufHeader(version, values, ReadEntries(reader, tensors, Alignment(values)));
    }

    private static long Alignment(Dictionary<string, object> values) => !values.TryGetValue(AlignmentKey, out var value) ? DefaultAlignment
        : value is uint alignment && alignment is > 0 and <= 1 << 20 && alignment % 8 == 0 ? alignment
        : throw new InvalidDataException($"its {AlignmentKey} is {value}; expected a multiple of 8, 32 bits unsigned");

    private static List<GgufEntry> ReadEntries(GgufHeaderReader reader, int count, long alignment)
    {
        var entries = new List<(string Name, GgufType Type, long[] Shape, long Offset)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = reader.Text("a tensor's name");
            if (!names.Add(name)) throw new InvalidDataException($"it has the tensor '{name}' twice");
            var dimensions = reader.UInt32($"the dimensions of '{name}'");
            if (dimensions > MaxDimensions) throw new InvalidDataException($"tensor '{name}' has {dimensions} dimensions; expected at most {MaxDimensions}");
            var shape = new long[dimensions];
            for (var d = shape.Length - 1; d >= 0; d--) shape[d] = reader.Int64($"the shape of '{name}'");
            var type = (GgufType)reader.UInt32($"the type of '{name}'");
            entries.Add((name, type, shape, reader.Int64($"the offset of '{name}'")));
        }
        var start = (reader.Position + alignment - 1) / alignment * alignment;
        return [.. entries.Select(entry => Checked(entry.Name, entry.Type, entry.Shape, entry.Offset, start, alignment, reader.Length))];
    }

    private static GgufEntry Checked(string name, GgufType type, long[] shape, long offset, long start, long alignment, long length)
    {
        if (offset % alignment != 0) throw new InvalidDataException($"tensor '{name}' begins at byte {offset}, which is no multiple of the alignment {alignment}");
        Int128 elements = 1, nonEmpty = 1;
        foreach (var dimension in shape)
        {
            elements *= dimension;
            nonEmpty *= Math.Max(1, dimension);
            if (nonEmpty > long.MaxValue) throw new InvalidDataException($"tensor '{name}' has the shape [{string.Join(", ", shape)}], more than 2^63 elements");
        }
        if (GgufTypes.BlockOf(type) is not { } block) return new GgufEntry(name, type, shape, start + Math.Min(offset, length), -1);
        if (elements > 0 && (shape.Length == 0 ? 1 : shape[^1]) % block.Elements != 0)
            throw new InvalidDataException($"tensor '{name}' has the shape [{string.Join(", ", shape)}]; rows of {type} are a multiple of {block.Elements}");
        var bytes = elements / block.Elements * block.Bytes;
        if ((Int128)start + offset + bytes > length)
            throw new InvalidDataException($"tensor '{name}' ({type} [{string.Join(", ", shape)}]) would end at byte {(Int128)start + offset + bytes} of {length} (truncated?)");
        return new GgufEntry(name, type, shape, start + offset, (long)bytes);
    }
}
