using System.Buffers;

namespace MLNet.Dpo.Data.Json;

/// <summary>
/// Makes strict JSON of one value as people write it by hand: line breaks and tabs stand in texts as they are, <c>#</c> begins a comment that goes to the end of its line, and a comma
/// may be missing between two members or elements. Anything else is as strict as ever. A line break in a text is a line feed, whatever the file's lines end in.
/// </summary>
internal ref struct LenientJson
{
    private static readonly SearchValues<byte> TextStops = SearchValues.Create("\"\\\r\n\t"u8);
    private static readonly SearchValues<byte> WordStops = SearchValues.Create(" \t\r\n,:]}[{\"#"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _atEnd;
    private readonly Stack<bool> _inObject = [];
    private readonly ArrayBufferWriter<byte> _strict = new();
    private int _at;
    private Expected _expected = Expected.Value;
    private int _brokenTexts; // raw line breaks in the last text
    private LenientCounts _counts;

    private LenientJson(ReadOnlySpan<byte> text, bool atEnd)
    {
        _text = text;
        _atEnd = atEnd;
    }

    /// <summary>What may come next.</summary>
    private enum Expected
    {
        Value,
        ValueOrEnd,
        Key,
        KeyOrEnd,
        Colon,
        CommaOrEnd,
    }

    /// <summary>Reads the value at the beginning of a text.</summary>
    /// <param name="text">UTF-8, from the value's first byte.</param>
    /// <param name="atEnd">Whether the text goes to the end of the file.</param>
    /// <returns>The value, or what is wrong with it; null where more of the text is needed.</returns>
    internal static LenientValue? Read(ReadOnlySpan<byte> text, bool atEnd) => new LenientJson(text, atEnd).Read();

    /// <summary>The bytes of white space and comments at the beginning of a text.</summary>
    internal static int SkipSpace(ReadOnlySpan<byte> text, ref int comments)
    {
        for (var at = 0; ;)
        {
            var space = text[at..].IndexOfAnyExcept(" \t\r\n"u8);
            if (space < 0) return text.Length;
            at += space;
            if (text[at] != '#') return at;
            comments++;
            var end = text[at..].IndexOf((byte)'\n');
            if (end < 0) return text.Length;
            at += end;
        }
    }

    private LenientValue? Read()
    {
        do
        {
            var comments = _counts.Comments;
            _at += SkipSpace(_text[_at..], ref comments);
            _counts = _counts with { Comments = comments };
            if (_at >= _text.Length) return Incomplete("the file ends inside a record (truncated?)");
            var failed = ReadToken(_text[_at]);
            if (failed is not null) return failed == "" ? null : Failed(failed);
        }
        while (_inObject.Count > 0);
        return new LenientValue(_at, _strict.WrittenMemory, _counts, null);
    }

    /// <summary>Reads one token; null where that went well, "" where more text is needed, otherwise what is wrong.</summary>
    private string? ReadToken(byte next)
    {
        if (_expected == Expected.CommaOrEnd && next is not ((byte)',' or (byte)']' or (byte)'}' or (byte)':') && MissingComma(next) is { } missing) return missing;
        return next switch
        {
            (byte)'"' when _expected != Expected.Colon => ReadText(),
            (byte)'{' or (byte)'[' when MayBegin => Open(next),
            (byte)'}' when InObject && _expected is Expected.KeyOrEnd or Expected.CommaOrEnd => Close(next),
            (byte)']' when InList && _expected is Expected.ValueOrEnd or Expected.CommaOrEnd => Close(next),
            (byte)',' when _expected == Expected.CommaOrEnd => Put(next, AfterComma),
            (byte)':' when _expected == Expected.Colon => Put(next, Expected.Value),
            (byte)'{' or (byte)'[' or (byte)'}' or (byte)']' or (byte)',' or (byte)':' or (byte)'"' => Misplaced(next),
            _ when MayBegin => ReadWord(),
            _ => Misplaced(next),
        };
    }

    private readonly bool MayBegin => _expected is Expected.Value or Expected.ValueOrEnd;

    private readonly bool InObject => _inObject.Count > 0 && _inObject.Peek();

    private readonly bool InList => _inObject.Count > 0 && !_inObject.Peek();

    private readonly Expected AfterComma => InObject ? Expected.Key : Expected.Value;

    private string? MissingComma(byte next)
    {
        if (InObject && next != '"') return $"{Show(next)} follows a value inside an object, where ',' or '}}' should stand; is a '}}' missing before it?";
        _counts = _counts with { MissingCommas = _counts.MissingCommas + 1 };
        Write((byte)',');
        _expected = AfterComma;
        return null;
    }

    private string? Open(byte bracket)
    {
        _inObject.Push(bracket == '{');
        return Put(bracket, bracket == '{' ? Expected.KeyOrEnd : Expected.ValueOrEnd);
    }

    private string? Close(byte bracket)
    {
        _inObject.Pop();
        return Put(bracket, Expected.CommaOrEnd);
    }

    private string? Put(byte token, Expected then)
    {
        Write(token);
        _at++;
        _expected = then;
        return null;
    }

    /// <summary>A number or a word; the parser says whether it is one.</summary>
    private string? ReadWord()
    {
        var length = _text[_at..].IndexOfAny(WordStops);
        if (length < 0 && !_atEnd) return "";
        if (length < 0) length = _text.Length - _at;
        _strict.Write(_text.Slice(_at, length));
        _at += length;
        _expected = Expected.CommaOrEnd;
        return null;
    }

    private string? ReadText()
    {
        Write((byte)'"');
        _brokenTexts = 0;
        for (var at = _at + 1; ; at++)
        {
            var plain = _text[at..].IndexOfAny(TextStops);
            // What stands after a backslash or a carriage return decides what it is.
            if (plain < 0 || (_text[at + plain] is (byte)'\\' or (byte)'\r' && at + plain + 1 >= _text.Length)) return _atEnd ? "the text that begins here is not closed; is a '\"' missing?" : "";
            _strict.Write(_text.Slice(at, plain));
            at += plain;
            switch (_text[at])
            {
                case (byte)'"':
                    _at = at;
                    return Put((byte)'"', _expected is Expected.Key or Expected.KeyOrEnd ? Expected.Colon : Expected.CommaOrEnd);
                case (byte)'\\':
                    _strict.Write(_text.Slice(at++, 2));
                    break;
                case (byte)'\r' when _text[at + 1] == '\n':
                    break; // the line feed says it
                default:
                    _strict.Write(_text[at] == '\t' ? "\\t"u8 : "\\n"u8);
                    _brokenTexts++;
                    _counts = _counts with { LineBreaks = _counts.LineBreaks + 1 };
                    break;
            }
        }
    }

    private readonly void Write(byte token)
    {
        _strict.GetSpan(1)[0] = token;
        _strict.Advance(1);
    }

    private readonly string Misplaced(byte next) => $"{Show(next)} stands where {(_expected switch
    {
        Expected.Value or Expected.ValueOrEnd => "a value",
        Expected.Key or Expected.KeyOrEnd => "a key in quotes",
        Expected.Colon => "':' after a key",
        _ => "',' or the end of the list or object",
    })} should";

    private readonly LenientValue? Incomplete(string fault) => _atEnd ? Failed(fault) : null;

    // After a text that goes over lines, the likelier fault is that it was not closed.
    private readonly LenientValue? Failed(string fault) => new(_at, default, _counts, fault) { MayBeUnclosedText = _brokenTexts > 0 };

    private static string Show(byte token) => token is > 0x20 and < 0x7f ? $"'{(char)token}'" : $"the byte 0x{token:X2}";
}

/// <summary>What was read leniently.</summary>
/// <param name="MissingCommas">Commas put in.</param>
/// <param name="Comments">Comments left out.</param>
/// <param name="LineBreaks">Line breaks and tabs in texts.</param>
internal readonly record struct LenientCounts(int MissingCommas, int Comments, int LineBreaks)
{
    public static LenientCounts operator +(LenientCounts a, LenientCounts b) => new(a.MissingCommas + b.MissingCommas, a.Comments + b.Comments, a.LineBreaks + b.LineBreaks);

    /// <summary>The counts that are not 0; null where all are.</summary>
    public override string? ToString()
    {
        string?[] parts = [Count(MissingCommas, "missing comma"), Count(Comments, "comment"), Count(LineBreaks, "line break or tab inside texts", "line breaks or tabs inside texts")];
        return parts.All(part => part is null) ? null : string.Join(", ", parts.Where(part => part is not null));
    }

    private static string? Count(int count, string one, string? many = null) => count switch
    {
        0 => null,
        1 => $"1 {one}",
        _ => $"{count} {many ?? one + "s"}",
    };
}

/// <summary>A value that was read leniently.</summary>
/// <param name="Length">Its bytes in the source; where it failed, the offset of the fault.</param>
/// <param name="Strict">It as strict JSON.</param>
/// <param name="Counts">What was made strict.</param>
/// <param name="Fault">What is wrong, and the likely fix; null where nothing is.</param>
internal sealed record LenientValue(int Length, ReadOnlyMemory<byte> Strict, LenientCounts Counts, string? Fault)
{
    /// <summary>Whether the fault follows a text that goes over several lines: then that text may lack its end.</summary>
    public bool MayBeUnclosedText { get; init; }
}
