namespace MLNet.Dpo.Data.Json;

/// <summary>A place in a UTF-8 text.</summary>
/// <param name="Line">The line, from 1; lines end in a line feed.</param>
/// <param name="Column">The character (Unicode code point) in the line, from 1.</param>
internal readonly record struct TextPosition(long Line, long Column)
{
    /// <summary>The first character of a text.</summary>
    public static TextPosition Start { get; } = new(1, 1);

    /// <summary>The place after <paramref name="utf8"/>.</summary>
    public TextPosition After(ReadOnlySpan<byte> utf8)
    {
        var lastLine = utf8.LastIndexOf((byte)'\n');
        return lastLine < 0
            ? this with { Column = Column + CountCharacters(utf8) }
            : new TextPosition(Line + utf8.Count((byte)'\n'), 1 + CountCharacters(utf8[(lastLine + 1)..]));
    }

    private static long CountCharacters(ReadOnlySpan<byte> utf8)
    {
        var count = 0L;
        foreach (var b in utf8)
            // Bytes 10xxxxxx go on with a character that has begun.
            count += (b & 0xc0) == 0x80 ? 0 : 1;
        return count;
    }
}
