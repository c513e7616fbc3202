using System.Buffers.Binary;
using System.Text;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>Reads a header's pieces in order; every length is checked against the bytes that are left before memory is taken.</summary>
/// <param name="stream">The file from its beginning, buffered.</param>
/// <param name="length">The file's length.</param>
internal sealed class GgufHeaderReader(Stream stream, long length)
{
    private const int MaxDepth = 4;
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The file's length in bytes.</summary>
    internal long Length { get; } = length;

    /// <summary>Bytes read so far.</summary>
    internal long Position { get; private set; }

    internal uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(stackalloc byte[4], what));

    /// <summary>A 64-bit number that is no more than 2^63 - 1.</summary>
    internal long Int64(string what) =>
        BinaryPrimitives.ReadInt64LittleEndian(Take(stackalloc byte[8], what)) is >= 0 and var number ? number : throw new InvalidDataException($"{what} has a number beyond 2^63");

    /// <summary>A count of things that take at least so many bytes each.</summary>
    internal int Count(string what, int bytesEach)
    {
        var count = Int64($"the number of {what}");
        return count <= (Length - Position) / bytesEach && count <= Array.MaxLength
            ? (int)count
            : throw new InvalidDataException($"it says it has {count} {what}, but only {Length - Position} bytes follow");
    }

    internal string Text(string what)
    {
        var bytes = new byte[Count($"bytes of {what}", 1)];
        Take(bytes, what);
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{what} is not valid UTF-8", e);
        }
    }

    /// <summary>A value with its type in front.</summary>
    internal object Value(string key) => Value((int)Math.Min(UInt32($"the type of '{key}'"), int.MaxValue), key, depth: 0);

    private object Value(int type, string key, int depth) => type switch
    {
        0 => Take(stackalloc byte[1], key)[0],
        1 => (sbyte)Take(stackalloc byte[1], key)[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Take(stackalloc byte[2], key)),
        3 => BinaryPrimitives.ReadInt16LittleEndian(Take(stackalloc byte[2], key)),
        4 => UInt32(key),
        5 => BinaryPrimitives.ReadInt32LittleEndian(Take(stackalloc byte[4], key)),
        6 => BinaryPrimitives.ReadSingleLittleEndian(Take(stackalloc byte[4], key)),
        7 => Take(stackalloc byte[1], key)[0] is <= 1 and var flag ? flag == 1 : throw new InvalidDataException($"'{key}' has a bool that is neither 0 nor 1"),
        8 => Text(key),
        9 => List(key, depth),
        10 => BinaryPrimitives.ReadUInt64LittleEndian(Take(stackalloc byte[8], key)),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Take(stackalloc byte[8], key)),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Take(stackalloc byte[8], key)),
        _ => throw new InvalidDataException($"'{key}' is of the type {type}; known are 0 to 12"),
    };

    private Array List(string key, int depth)
    {
        if (depth >= MaxDepth) throw new InvalidDataException($"'{key}' has lists in lists, more than {MaxDepth} deep");
        var type = (int)Math.Min(UInt32($"the type of '{key}'"), int.MaxValue);
        return type switch
        {
            0 => Items<byte>(type, key, depth, 1),
            1 => Items<sbyte>(type, key, depth, 1),
            2 => Items<ushort>(type, key, depth, 2),
            3 => Items<short>(type, key, depth, 2),
            4 => Items<uint>(type, key, depth, 4),
            5 => Items<int>(type, key, depth, 4),
            6 => Items<float>(type, key, depth, 4),
            7 => Items<bool>(type, key, depth, 1),
            8 => Items<string>(type, key, depth, 8),
            9 => Items<Array>(type, key, depth + 1, 12),
            10 => Items<ulong>(type, key, depth, 8),
            11 => Items<long>(type, key, depth, 8),
            12 => Items<double>(type, key, depth, 8),
            _ => throw new InvalidDataException($"'{key}' is a list of the type {type}; known are 0 to 12"),
        };
    }

    private T[] Items<T>(int type, string key, int depth, int bytesEach)
    {
        var items = new T[Count($"items of '{key}'", bytesEach)];
        for (var i = 0; i < items.Length; i++) items[i] = (T)Value(type, key, depth);
        return items;
    }

    private Span<byte> Take(Span<byte> bytes, string what)
    {
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw new InvalidDataException($"it ends within {what} (truncated?)");
        Position += bytes.Length;
        return bytes;
    }
}
