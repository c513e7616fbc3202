using System.Text;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>
/// The byte alphabet of GPT-2: each byte stands as one printable character. Printable bytes of Latin-1 stand for themselves, the other 68 are U+0100 and on.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = MakeCharacters();
    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The UTF-8 bytes of a piece in the byte alphabet.</summary>
    public static Piece Encode(Piece piece, bool track)
    {
        var span = piece.Span;
        byte[] utf8 = new byte[Encoding.UTF8.GetMaxByteCount(span.Length)];
        int count = Encoding.UTF8.GetBytes(span, utf8);
        string text = string.Create(count, utf8, (chars, bytes) =>
        {
            for (int i = 0; i < chars.Length; i++)
                chars[i] = Characters[bytes[i]];
        });
        return new Piece(text, 0, count, track ? Sources(piece, count) : null, piece.AtStart);
    }

    /// <summary>Adds the bytes of a token; one that has a character outside the alphabet counts as plain text.</summary>
    public static void Decode(string token, List<byte> bytes)
    {
        int before = bytes.Count;
        foreach (char c in token)
        {
            if (c >= Bytes.Length || Bytes[c] < 0)
            {
                bytes.RemoveRange(before, bytes.Count - before);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                return;
            }
            bytes.Add((byte)Bytes[c]);
        }
    }

    private static SourceSpan[] Sources(Piece piece, int count)
    {
        var sources = new SourceSpan[count];
        int at = 0;
        for (int i = 0; i < piece.Length;)
        {
            int bytes = UnicodeClasses.RuneAt(piece.Span, i, out int chars).Utf8SequenceLength;
            Array.Fill(sources, piece.SourceOf(i, chars), at, bytes);
            at += bytes;
            i += chars;
        }
        return sources;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : (char)next++;
        }
        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
            bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
