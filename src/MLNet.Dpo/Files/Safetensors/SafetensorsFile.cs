using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>
/// A safetensors file, memory-mapped: opening reads the header alone, and a tensor's bytes come from disk when they are touched.
/// The format: 8 bytes little endian with the header's length, the header in JSON, then the tensors end to end
/// (https://github.com/huggingface/safetensors). A file that breaks the format is refused when it is opened.
/// </summary>
/// <remarks>Reading is safe from several threads. Pointers and spans are valid until <see cref="Dispose"/>; the file must not be shortened meanwhile.</remarks>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, SafetensorsEntry> _byName;
    private byte* _start;

    private SafetensorsFile(string path, MemoryMappedFile map, MemoryMappedViewAccessor view, SafetensorsHeader header)
    {
        Path = path;
        Metadata = header.Metadata;
        Tensors = header.Entries;
        _map = map;
        _view = view;
        _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The header's <c>__metadata__</c>, for example <c>format: pt</c>; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>All tensors, in the order of their data in the file.</summary>
    public IReadOnlyList<SafetensorsEntry> Tensors { get; }

    /// <summary>Maps a file and checks its header.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a whole safetensors file; the message names the file and what is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist; expected a safetensors file", path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
        try
        {
            var header = ReadHeader(stream);
            var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new SafetensorsFile(path, map, map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), header);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}' is not a valid safetensors file: {e.Message}; get the file again", e);
        }
    }

    /// <summary>Finds a tensor by name; false when the file has none of that name.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafetensorsEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>The address of a tensor's first byte, valid until this file is disposed. Tensors are not aligned beyond what the file gives them.</summary>
    /// <exception cref="ArgumentException">The entry is not of this file.</exception>
    public byte* Pointer(SafetensorsEntry entry)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        ArgumentNullException.ThrowIfNull(entry);
        if (!_byName.TryGetValue(entry.Name, out var own) || !ReferenceEquals(own, entry))
            throw new ArgumentException($"the entry '{entry.Name}' is not of '{Path}'", nameof(entry));
        return _start + entry.Offset;
    }

    /// <summary>A tensor's bytes without copying; for tensors of up to 2 GB.</summary>
    /// <exception cref="ArgumentException">The entry is not of this file, or longer than a span can be (use <see cref="CopyTo"/> or <see cref="Pointer"/>).</exception>
    public ReadOnlySpan<byte> Span(SafetensorsEntry entry)
    {
        var pointer = Pointer(entry);
        if (entry.ByteLength > int.MaxValue)
            throw new ArgumentException($"the entry '{entry.Name}' has {entry.ByteLength} bytes, more than a span holds; read it in pieces with CopyTo", nameof(entry));
        return new ReadOnlySpan<byte>(pointer, (int)entry.ByteLength);
    }

    /// <summary>Copies a piece of a tensor: as many bytes as <paramref name="destination"/> holds, from byte <paramref name="start"/> of the tensor on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The piece does not lie inside the tensor.</exception>
    public void CopyTo(SafetensorsEntry entry, long start, Span<byte> destination)
    {
        var pointer = Pointer(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.ByteLength - destination.Length);
        new ReadOnlySpan<byte>(pointer + start, destination.Length).CopyTo(destination);
    }

    /// <summary>Unmaps the file; pointers and spans into it must not be used any more.</summary>
    public void Dispose()
    {
        if (_start == null)
            return;
        _start = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }

    private static SafetensorsHeader ReadHeader(FileStream stream)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.LengthBytes];
        if (stream.Length < prefix.Length)
            throw new InvalidDataException($"it has {stream.Length} bytes, a header length alone takes {prefix.Length}");
        stream.ReadExactly(prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw new InvalidDataException($"it gives its header {length} bytes, more than the {SafetensorsHeader.MaxLength} that the format allows");
        var available = stream.Length - prefix.Length;
        if ((long)length > available)
            throw new InvalidDataException($"it gives its header {length} bytes, only {available} follow (truncated?)");
        var json = new byte[(int)length];
        stream.ReadExactly(json);
        return SafetensorsHeader.Parse(json, prefix.Length + json.Length, stream.Length);
    }
}
