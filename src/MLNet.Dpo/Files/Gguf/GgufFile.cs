using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>
/// An open GGUF file: opening reads the header alone, and a tensor's bytes are copied out of the file when they are asked for, never mapped. The format:
/// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. A file that breaks it is refused when it is opened.
/// </summary>
/// <remarks>Reading is safe from several threads.</remarks>
internal sealed class GgufFile : IDisposable
{
    /// <summary>How a file's name ends.</summary>
    internal const string Ending = ".gguf";

    private readonly SafeFileHandle _handle;
    private readonly long _length;
    private readonly DateTime _written;
    private readonly Dictionary<string, GgufEntry> _byName;

    private GgufFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        (_length, _written) = (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        using var stream = new BufferedStream(new HandleStream(this), 1 << 16);
        var header = GgufHeader.Read(new GgufHeaderReader(stream, _length));
        Metadata = new GgufMetadata(path, header.Values);
        Tensors = header.Entries;
        _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The path that was opened.</summary>
    internal string Path { get; }

    /// <summary>The key-value pairs.</summary>
    internal GgufMetadata Metadata { get; }

    /// <summary>All tensors, in the header's order.</summary>
    internal IReadOnlyList<GgufEntry> Tensors { get; }

    /// <summary>Whether a path names a GGUF file rather than a model folder.</summary>
    internal static bool IsNamed([NotNullWhen(true)] string? path) => path is not null && path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a whole GGUF file; the message names the file and what is wrong.</exception>
    /// <exception cref="IOException">The file cannot be read, for example for lack of permission; the message names it.</exception>
    internal static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"'{path}' does not exist; expected a GGUF file.", path);
        var handle = ReadableFile.Open(path);
        try
        {
            return new GgufFile(path, handle);
        }
        catch (InvalidDataException e)
        {
            handle.Dispose();
            throw new InvalidDataException($"'{path}' is not a valid GGUF file: {e.Message}; get the file again.", e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Finds a tensor by name; false when the file has none of that name.</summary>
    internal bool TryGet(string name, [NotNullWhen(true)] out GgufEntry? entry) => _byName.TryGetValue(name, out entry);

    /// <summary>Copies a piece of a tensor: as many bytes as <paramref name="destination"/> holds, from byte <paramref name="start"/> of the tensor on.</summary>
    /// <exception cref="InvalidDataException">The file has changed since it was opened.</exception>
    internal void CopyTo(GgufEntry entry, long start, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.ByteLength - destination.Length);
        for (var offset = entry.Offset + start; destination.Length > 0;)
        {
            var read = RandomAccess.Read(_handle, destination, offset);
            if (read == 0) throw Changed(entry);
            destination = destination[read..];
            offset += read;
        }
        if (RandomAccess.GetLength(_handle) != _length || File.GetLastWriteTimeUtc(_handle) != _written) throw Changed(entry);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private InvalidDataException Changed(GgufEntry entry) =>
        new($"'{Path}' was shortened or rewritten while it was read (tensor '{entry.Name}'); write it under another name and rename it, then load it again.");

    /// <summary>The file from its beginning; it does not own the handle.</summary>
    private sealed class HandleStream(GgufFile file) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => file._length;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(file._handle, buffer, _position);
            _position += read;
            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
