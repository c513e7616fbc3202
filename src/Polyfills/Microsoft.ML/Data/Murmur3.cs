using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>MurmurHash3 (x86, 32 bits) as ML.NET computes it.</summary>
internal static class Murmur3
{
    /// <summary>Mixes 32 bits into a hash.</summary>
    public static uint Round(uint hash, uint word) => BitOperations.RotateLeft(hash ^ Scramble(word), 13) * 5 + 0xE6546B64;

    /// <summary>Ends a hash of <paramref name="length"/> bytes.</summary>
    public static uint Finish(uint hash, int length)
    {
        hash ^= (uint)length;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }

    /// <summary>
    /// Hashes text as UTF-8 without surrogates. Where a character takes several bytes, ML.NET also moves the bytes that wait for a whole word;
    /// that is kept, so that the same rows meet in the same half of a split.
    /// </summary>
    public static uint Text(uint hash, ReadOnlySpan<char> text)
    {
        ulong waiting = 0;
        var bits = 0;
        var length = 0;
        foreach (ulong c in text)
        {
            if (c <= 0x7F)
            {
                waiting |= c << bits;
                bits += 8;
            }
            else if (c <= 0x7FF)
            {
                waiting |= ((c & 0x3F) | ((c << 2) & 0x1F00) | 0xC080) << bits;
                waiting = ((waiting & 0xFF) << 8) | (waiting >> 8);
                bits += 16;
            }
            else
            {
                waiting |= ((c & 0x3F) | ((c << 2) & 0x3F00) | ((c << 4) & 0x0F0000) | 0xE08080) << bits;
                waiting = ((waiting & 0xFF) << 16) | (((waiting >> 8) & 0xFF) << 8) | (waiting >> 16);
                bits += 24;
            }
            if (bits < 32)
                continue;
            hash = Round(hash, (uint)waiting);
            waiting >>= 32;
            bits -= 32;
            length += sizeof(uint);
        }
        if (bits > 0)
            hash ^= Scramble((uint)waiting & ((1u << bits) - 1));
        return Finish(hash, length + bits / 8);
    }

    private static uint Scramble(uint word) => BitOperations.RotateLeft(word * 0xCC9E2D51, 15) * 0x1B873593;
}
