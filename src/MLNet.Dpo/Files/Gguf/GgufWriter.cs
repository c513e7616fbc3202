using System.Text;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>Writes GGUF files of version 3: the whole header first, then the tensors, each at a multiple of 32 bytes.</summary>
internal static class GgufWriter
{
    private const int Alignment = GgufHeader.DefaultAlignment;

    /// <summary>Writes a file whole or not at all.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="values">The key-value pairs, in order; values have the CLR types that <see cref="GgufMetadata"/> names.</param>
    /// <param name="tensors">The tensors, in order.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    internal static void Write(string path, IReadOnlyList<KeyValuePair<string, object>> values, IReadOnlyList<GgufSource> tensors) =>
        AtomicFile.Write(path, stream => Write(stream, values, tensors));

    /// <summary>Writes a file to a stream.</summary>
    internal static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, object>> values, IReadOnlyList<GgufSource> tensors)
    {
        var header = Header(values, tensors);
        stream.Write(header);
        Pad(stream, header.Length);
        foreach (var tensor in tensors)
        {
            var counted = new CountedStream(stream);
            tensor.WriteTo(counted);
            if (counted.Count != tensor.ByteLength)
                throw new InvalidOperationException($"tensor '{tensor.Name}' wrote {counted.Count} bytes; {tensor.Type} [{string.Join(", ", tensor.Shape)}] takes {tensor.ByteLength}");
            Pad(stream, tensor.ByteLength);
        }
    }

    private static byte[] Header(IReadOnlyList<KeyValuePair<string, object>> values, IReadOnlyList<GgufSource> tensors)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(GgufHeader.Magic);
        writer.Write(3u);
        writer.Write((ulong)tensors.Count);
        writer.Write((ulong)values.Count);
        foreach (var (key, value) in values)
        {
            WriteText(writer, key);
            writer.Write(TypeOf(value.GetType()));
            WriteValue(writer, value);
        }
        long offset = 0;
        foreach (var tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Count);
            foreach (var dimension in tensor.Shape.Reverse()) writer.Write((ulong)dimension);
            writer.Write((uint)tensor.Type);
            writer.Write((ulong)offset);
            offset += Padded(tensor.ByteLength);
        }
        return bytes.ToArray();
    }

    private static void WriteValue(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case bool flag: writer.Write(flag); break;
            case uint number: writer.Write(number); break;
            case int number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case string text: WriteText(writer, text); break;
            case Array list:
                writer.Write(TypeOf(list.GetType().GetElementType()!));
                writer.Write((ulong)list.Length);
                foreach (var item in list) WriteValue(writer, item);
                break;
        }
    }

    private static uint TypeOf(Type type) =>
        type == typeof(uint) ? 4u
        : type == typeof(int) ? 5u
        : type == typeof(float) ? 6u
        : type == typeof(bool) ? 7u
        : type == typeof(string) ? 8u
        : type.IsArray ? 9u
        : throw new ArgumentException($"a value of type {type.Name} is not written; give uint, int, float, bool, string or arrays of these");

    private static void WriteText(BinaryWriter writer, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;

    private static void Pad(Stream stream, long length) => stream.Write(stackalloc byte[(int)(Padded(length) - length)]);

    private sealed class CountedStream(Stream inner) : WriteOnlyStream
    {
        internal long Count { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            inner.Write(buffer);
            Count += buffer.Length;
        }
    }
}
