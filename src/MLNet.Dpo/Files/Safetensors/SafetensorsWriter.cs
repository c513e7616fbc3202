using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>
/// Writes safetensors files as the reference library does, byte for byte: tensors by falling alignment of their dtype, then by name; the header
/// padded with spaces to a multiple of 8 bytes (https://github.com/huggingface/safetensors, <c>serialize</c>).
/// </summary>
internal static class SafetensorsWriter
{
    private static readonly JsonWriterOptions HeaderOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The metadata that transformers writes and asks for: <c>format: pt</c>.</summary>
    public static IReadOnlyDictionary<string, string> PyTorchMetadata { get; } = new Dictionary<string, string> { ["format"] = "pt" }.AsReadOnly();

    /// <summary>Writes a file under a temporary name and renames it: on any failure an older file at <paramref name="path"/> stays whole.</summary>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="tensors">The tensors; each one's bytes are asked for when its turn comes.</param>
    /// <param name="metadata">The header's <c>__metadata__</c>; <see cref="PyTorchMetadata"/> when null, left out when empty.</param>
    /// <exception cref="ArgumentException">A name is used twice or is <c>__metadata__</c>, or a shape is impossible.</exception>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write(string path, IEnumerable<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = Order(tensors);
        AtomicFile.Write(path, stream => Write(stream, ordered, metadata ?? PyTorchMetadata));
    }

    /// <summary>Writes the same bytes to a stream, for example an entry of a zip archive.</summary>
    public static void Write(Stream stream, IEnumerable<SafetensorsSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        Write(stream, Order(tensors), metadata ?? PyTorchMetadata);
    }

    private static void Write(Stream stream, SafetensorsSource[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        stream.Write(Header(tensors, metadata));
        foreach (var tensor in tensors)
        {
            var counted = new CountingStream(stream, tensor);
            tensor.WriteTo(counted);
            counted.CheckComplete();
        }
    }

    private static SafetensorsSource[] Order(IEnumerable<SafetensorsSource> tensors)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.DType).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach (var tensor in ordered)
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"the tensor name '{tensor.Name}' is used twice or reserved; give each tensor a name of its own", nameof(tensors));
        return ordered;
    }

    private static ReadOnlySpan<byte> Header(SafetensorsSource[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Advance(ClearLength(buffer));
        using (var json = new Utf8JsonWriter(buffer, HeaderOptions))
            WriteHeader(json, tensors, metadata);
        var padding = -buffer.WrittenCount & (SafetensorsHeader.LengthBytes - 1);
        buffer.Write("       "u8[..padding]);
        var bytes = buffer.WrittenSpan.ToArray();
        var length = bytes.Length - SafetensorsHeader.LengthBytes;
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"the header of {tensors.Length} tensors takes {length} bytes, the format allows {SafetensorsHeader.MaxLength}; write several files", nameof(tensors));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)length);
        return bytes;
    }

    private static int ClearLength(ArrayBufferWriter<byte> buffer)
    {
        buffer.GetSpan(SafetensorsHeader.LengthBytes)[..SafetensorsHeader.LengthBytes].Clear();
        return SafetensorsHeader.LengthBytes;
    }

    private static void WriteHeader(Utf8JsonWriter json, SafetensorsSource[] tensors, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject();
        if (metadata.Count > 0)
        {
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.DType.ToString());
            WriteSizes(json, "shape", tensor.Shape);
            WriteSizes(json, "data_offsets", [offset, checked(offset += tensor.ByteLength)]);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteSizes(Utf8JsonWriter json, string name, IReadOnlyList<long> sizes)
    {
        json.WriteStartArray(name);
        foreach (var size in sizes)
            json.WriteNumberValue(size);
        json.WriteEndArray();
    }

    /// <summary>Holds a tensor's callback to the number of bytes that the header promises.</summary>
    private sealed class CountingStream(Stream inner, SafetensorsSource tensor) : WriteOnlyStream
    {
        private readonly long _expected = tensor.ByteLength;
        private long _written;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > _expected - _written)
                throw new InvalidOperationException($"the source of tensor '{tensor.Name}' writes more than the {_expected} bytes that {tensor.DType} of its shape takes");
            inner.Write(buffer);
            _written += buffer.Length;
        }

        public void CheckComplete()
        {
            if (_written != _expected)
                throw new InvalidOperationException($"the source of tensor '{tensor.Name}' wrote {_written} bytes, but {tensor.DType} of its shape takes {_expected}");
        }
    }
}
