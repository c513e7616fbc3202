using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>
/// An open safetensors file: opening reads the header alone, and a tensor's bytes are copied out of the file when they are asked for, never mapped, so that a file which
/// is shortened or rewritten meanwhile is an error rather than the end of the process.
/// The format: 8 bytes little endian with the header's length, the header in JSON, then the tensors end to end
/// (https://github.com/huggingface/safetensors). A file that breaks the format is refused when it is opened.
/// </summary>
/// <remarks>Reading is safe from several threads.</remarks>
internal sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly long _length;
    private readonly DateTime _written;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    private SafetensorsFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        (_length, _written) = (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        var header = ReadHeader();
        Metadata = header.Metadata;
        Tensors = header.Entries;
        _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The path that was opened.</summary>
    public string Path { get; }

    /// <summary>The header's <c>__metadata__</c>, for example <c>format: pt</c>; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>All tensors, in the order of their data in the file.</summary>
    public IReadOnlyList<SafetensorsEntry> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a whole safetensors file; the message names the file and what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read, for example for lack of permission; the message names it.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist; expected a safetensors file", path);
        var handle = ReadableFile.Open(path);
        try
        {
            return new SafetensorsFile(path, handle);
        }
        catch (InvalidDataException e)
        {
            handle.Dispose();
            throw new InvalidDataException($"'{path}' is not a valid safetensors file: {e.Message}; get the file again", e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by name; false when the file has none of that name.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafetensorsEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>A tensor's bytes; for tensors of up to 2 GB.</summary>
    /// <exception cref="ArgumentException">The entry is not of this file, or longer than an array can be (use <see cref="CopyTo"/>).</exception>
    /// <exception cref="InvalidDataException">The file has changed since it was opened.</exception>
    public byte[] Bytes(SafetensorsEntry entry)
    {
        Check(entry);
        if (entry.ByteLength > Array.MaxLength)
            throw new ArgumentException($"the entry '{entry.Name}' has {entry.ByteLength} bytes, more than an array holds; read it in pieces with CopyTo", nameof(entry));
        var bytes = new byte[entry.ByteLength];
        CopyTo(entry, 0, bytes);
        return bytes;
    }

    /// <summary>Copies a piece of a tensor: as many bytes as <paramref name="destination"/> holds, from byte <paramref name="start"/> of the tensor on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The piece does not lie inside the tensor.</exception>
    /// <exception cref="InvalidDataException">The file has changed since it was opened.</exception>
    public void CopyTo(SafetensorsEntry entry, long start, Span<byte> destination)
    {
        Check(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.ByteLength - destination.Length);
        var whole = ReadAt(entry.Offset + start, destination);
        if (!whole || RandomAccess.GetLength(_handle) != _length || File.GetLastWriteTimeUtc(_handle) != _written)
            throw new InvalidDataException($"'{Path}' was shortened or rewritten while it was read (tensor '{entry.Name}'); write it under another name and rename it, then load it again");
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private void Check(SafetensorsEntry entry)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        ArgumentNullException.ThrowIfNull(entry);
        if (!_byName.TryGetValue(entry.Name, out var own) || !ReferenceEquals(own, entry))
            throw new ArgumentException($"the entry '{entry.Name}' is not of '{Path}'", nameof(entry));
    }

    // False where the file ends before.
    private bool ReadAt(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0) return false;
            destination = destination[read..];
            offset += read;
        }
        return true;
    }

    private SafetensorsHeader ReadHeader()
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.LengthBytes];
        if (!ReadAt(0, prefix))
            throw new InvalidDataException($"it has {_length} bytes, a header length alone takes {prefix.Length}");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaxLength)
            throw new InvalidDataException($"it gives its header {length} bytes, more than the {SafetensorsHeader.MaxLength} that the format allows");
        var available = _length - prefix.Length;
        if ((long)length > available)
            throw new InvalidDataException($"it gives its header {length} bytes, only {available} follow (truncated?)");
        var json = new byte[(int)length];
        if (!ReadAt(prefix.Length, json))
            throw new InvalidDataException("it was shortened while it was read");
        return SafetensorsHeader.Parse(json, prefix.Length + json.Length, _length);
    }
}
