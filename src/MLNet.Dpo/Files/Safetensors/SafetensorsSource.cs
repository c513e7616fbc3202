namespace MLNet.Dpo.Files.Safetensors;

/// <summary>A tensor to be written: what it is, and how to get its bytes when its turn comes, so that one tensor at a time is in memory.</summary>
/// <param name="Name">The tensor's name; unique in a file, and not <c>__metadata__</c>.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="Shape">Its dimensions, empty for a scalar.</param>
/// <param name="WriteTo">Writes exactly <see cref="ByteLength"/> bytes, little endian in C order, to the stream; called once.</param>
internal sealed record SafetensorsSource(string Name, SafetensorsDType DType, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>The bytes that the tensor takes: the product of the shape times the size of an element.</summary>
    public long ByteLength => DType.ByteLength(Shape);

    /// <summary>A tensor whose bytes are already in memory.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not what dtype and shape ask for.</exception>
    public static SafetensorsSource FromBytes(string name, SafetensorsDType dtype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> bytes)
    {
        var expected = dtype.ByteLength(shape);
        if (bytes.Length != expected)
            throw new ArgumentException($"tensor '{name}' was given {bytes.Length} bytes, but {dtype} of shape [{string.Join(", ", shape)}] takes {expected}", nameof(bytes));
        return new SafetensorsSource(name, dtype, shape, stream => stream.Write(bytes.Span));
    }

    /// <summary>A tensor copied from an open safetensors file, byte for byte, under its own or another name.</summary>
    public static SafetensorsSource FromFile(SafetensorsFile file, SafetensorsEntry entry, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(entry);
        return new SafetensorsSource(name ?? entry.Name, entry.DType, entry.Shape, stream => Copy(file, entry, stream));
    }

    private static void Copy(SafetensorsFile file, SafetensorsEntry entry, Stream stream)
    {
        var buffer = new byte[(int)Math.Min(entry.ByteLength, 1 << 20)];
        for (var start = 0L; start < entry.ByteLength; start += buffer.Length)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, entry.ByteLength - start));
            file.CopyTo(entry, start, piece);
            stream.Write(piece);
        }
    }
}
