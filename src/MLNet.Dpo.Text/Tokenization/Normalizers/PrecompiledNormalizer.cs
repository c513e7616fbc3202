using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>
/// SentencePiece's compiled replacements: a double-array trie over UTF-8 from character sequences to offsets into a block of zero-ended strings.
/// As the tokenizers package does, whole grapheme clusters (under 6 bytes) are tried first, then each of their characters.
/// </summary>
internal sealed class PrecompiledNormalizer : ITextNormalizer
{
    private readonly uint[] _units;
    private readonly byte[] _strings;

    private PrecompiledNormalizer(uint[] units, byte[] strings)
    {
        _units = units;
        _strings = strings;
    }

    public static ITextNormalizer Read(JsonElement json)
    {
        if (json.OptionalString("precompiled_charsmap") is not { Length: > 0 } base64)
            return new NormalizerSequence([]);
        byte[] data;
        try
        {
            data = Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw new InvalidDataException("tokenizer.json: precompiled_charsmap is not base64.", e);
        }

        uint size = data.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(data) : uint.MaxValue;
        if (size % 4 != 0 || size > data.Length - 4)
            throw new InvalidDataException($"tokenizer.json: precompiled_charsmap has {data.Length} bytes but says that its trie takes {size}.");
        var units = new uint[size / 4];
        for (int i = 0; i < units.Length; i++)
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(4 + 4 * i));
        return new PrecompiledNormalizer(units, data[(4 + (int)size)..]);
    }

    public Piece Normalize(Piece piece, bool track)
    {
        var output = new PieceBuilder(piece, track);
        for (int i = 0; i < piece.Length;)
        {
            int length = System.Globalization.StringInfo.GetNextTextElementLength(piece.Span[i..]);
            var cluster = piece.Span.Slice(i, length);
            if (Encoding.UTF8.GetByteCount(cluster) < 6 && Find(cluster) is { } whole)
                output.Append(whole, i, length);
            else
                NormalizeCharacters(piece, i, length, output);
            i += length;
        }
        return output.Build();
    }

    private void NormalizeCharacters(Piece piece, int start, int length, PieceBuilder output)
    {
        for (int i = start; i < start + length;)
        {
            UnicodeClasses.RuneAt(piece.Span, i, out int chars);
            if (Find(piece.Span.Slice(i, chars)) is { } replacement)
                output.Append(replacement, i, chars);
            else
                output.Copy(i, chars);
            i += chars;
        }
    }

    /// <summary>The replacement of the shortest prefix of <paramref name="text"/> that has one; null where none has.</summary>
    private string? Find(ReadOnlySpan<char> text)
    {
        Span<byte> utf8 = stackalloc byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        uint node = Unit(0);
        uint at = Offset(node);
        foreach (byte value in utf8)
        {
            at ^= value;
            node = Unit(at);
            if (value == 0 || (node & 0x800000FF) != value)
                return null;
            at ^= Offset(node);
            if ((node >> 8 & 1) == 1)
                return StringAt((int)(Unit(at) & 0x7FFFFFFF));
        }
        return null;
    }

    private uint Unit(uint at) => at < _units.Length ? _units[at] : 0;

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & (1 << 9)) >> 6);

    private string StringAt(int start)
    {
        if (start >= _strings.Length)
            return "";
        int end = Array.IndexOf(_strings, (byte)0, start);
        return Encoding.UTF8.GetString(_strings, start, (end < 0 ? _strings.Length : end) - start);
    }
}
