using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MLNet.Dpo.Data.Records;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Data.Json;

/// <summary>
/// Reads the JSON values of a file one by one: the elements of an array, a value a line (JSONL), or values end to end, and any mix of them.
/// One value at a time is in memory. JSON is taken strictly (RFC 8259), but that what people who write it by hand leave or leave out is read and counted (<see cref="LenientJson"/>).
/// </summary>
internal sealed class JsonRecordReader : IRecordReader
{
    private readonly Utf8Window _window;
    private readonly string _file;
    private Place _place;
    private long _count;
    private long _lastLine;
    private bool _isPastBad;
    private LenientCounts _lenient;

    /// <summary>Reads from <paramref name="stream"/>, which is disposed with this reader; errors name <paramref name="file"/>.</summary>
    public JsonRecordReader(Stream stream, string file)
    {
        _window = new Utf8Window(stream, file);
        _file = file;
    }

    /// <summary>What has just been read.</summary>
    private enum Place
    {
        Outside,
        ArrayStart,
        Element,
        Comma,
    }

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out JsonRecord? record)
    {
        if (_count == 0 && _place == Place.Outside)
            TextStart.Check(_window, _file);
        record = null;
        while (true)
        {
            switch (_window.PeekToken())
            {
                case -1 when _place == Place.Outside:
                    return false;
                case -1:
                    throw Error("the file ends inside an array (truncated?); expected ']' at its end");
                case '#':
                    _lenient = _lenient with { Comments = _lenient.Comments + 1 };
                    _window.SkipLine();
                    break;
                case '{' when _place == Place.Element:
                    _lenient = _lenient with { MissingCommas = _lenient.MissingCommas + 1 };
                    _place = Place.Comma;
                    break;
                case '[' when _place == Place.Outside:
                    Advance(Place.ArrayStart);
                    break;
                case ']' when _place is Place.ArrayStart or Place.Element:
                    Advance(Place.Outside);
                    break;
                case ',' when _place == Place.Element:
                    Advance(Place.Comma);
                    break;
                case ']' when _place == Place.Comma:
                    throw Error("a comma before ']' is not valid JSON; remove it");
                case not ',' when _place != Place.Element:
                    record = ReadValue();
                    return true;
                case var token when _place == Place.Element:
                    throw Error($"{Show(token)} follows a record of an array; expected ',' or ']'");
                case var token:
                    throw Error($"{Show(token)} stands where a record should begin; expected '{{'");
            }
        }
    }

    /// <summary>
    /// Goes on behind a bad record: one that could be parsed, or one that stands outside an array and begins a line. Where it is an object it may have several lines,
    /// and ends before the next line that begins with '{'.
    /// </summary>
    public bool TrySkip(PreferenceDataException error)
    {
        if (_isPastBad)
        {
            _isPastBad = false;
            return true;
        }
        if (error.Line is null || _place != Place.Outside || _window.Position.Line <= _lastLine || _window.Unread.Length >= Utf8Window.MaxRecordLength)
            return false;
        var isObject = _window.PeekToken() == '{';
        _count++;
        _window.SkipLine();
        while (isObject && _window.Peek() is not (-1 or '{'))
            _window.SkipLine();
        return true;
    }

    /// <inheritdoc/>
    public string? Leniency => _lenient.ToString();

    /// <inheritdoc/>
    public void Dispose() => _window.Dispose();

    private void Advance(Place place)
    {
        _window.Consume(1);
        _place = place;
    }

    private JsonRecord ReadValue()
    {
        var start = _window.Position;
        while (true)
        {
            var unread = _window.Unread;
            if (TryParse(unread, out var length) is { } document)
            {
                var badUtf8 = CheckUtf8(unread[..length]);
                _window.Consume(length);
                (_count, _lastLine) = (_count + 1, _window.Position.Line);
                _place = _place == Place.Outside ? Place.Outside : Place.Element;
                if (badUtf8 is null)
                    return new JsonRecord(_file, _count, start.Line, document);
                document.Dispose();
                _isPastBad = true;
                throw badUtf8;
            }
            if (unread.Length >= Utf8Window.MaxRecordLength)
                throw Error($"the record that begins here has more than {Utf8Window.MaxRecordLength >> 20} MB; is it closed?");
            // Twice as much at each try, so that a long record is not scanned over and over.
            _window.Fill(Math.Min(2 * Math.Max(unread.Length, 1 << 12), Utf8Window.MaxRecordLength));
        }
    }

    /// <summary>The value at the beginning of a text and its bytes there; null where more of the text is needed.</summary>
    private JsonDocument? TryParse(ReadOnlySpan<byte> text, out int length)
    {
        try
        {
            var reader = new Utf8JsonReader(text, _window.AtEnd, state: default);
            var isWhole = JsonDocument.TryParseValue(ref reader, out var document);
            length = (int)reader.BytesConsumed;
            return isWhole ? document : null;
        }
        catch (JsonException e)
        {
            var lenient = LenientJson.Read(text, _window.AtEnd);
            length = lenient?.Length ?? 0;
            return lenient is null ? null : Strict(lenient, text, e);
        }
    }

    private JsonDocument Strict(LenientValue lenient, ReadOnlySpan<byte> text, JsonException strict)
    {
        // Where nothing had to be made strict, the parser knows best.
        if (lenient is { Fault: { } fault, MayBeUnclosedText: false } && lenient.Counts != default)
            throw PreferenceDataException.AtPosition(_file, _window.Position.After(text[..lenient.Length]), $"not valid JSON: {fault}", strict);
        if (lenient.Fault is not null)
            throw NotStrict(strict);
        try
        {
            var document = JsonDocument.Parse(lenient.Strict);
            _lenient += lenient.Counts;
            return document;
        }
        catch (JsonException)
        {
            throw NotStrict(strict);
        }
    }

    private PreferenceDataException NotStrict(JsonException e)
    {
        // The parser reports a line break inside a string as an invalid character; say what to do about it.
        var hint = e.Message.StartsWith("'0x0A'", StringComparison.Ordinal) || e.Message.StartsWith("'0x0D'", StringComparison.Ordinal) ? "; is the text closed before the line's end?" : "";
        return PreferenceDataException.AtPosition(_file, PositionOf(e), $"not valid JSON: {JsonErrors.Describe(e)}{hint}", e);
    }

    private TextPosition PositionOf(JsonException e)
    {
        var text = _window.Unread;
        var at = 0;
        for (var line = 0L; line < (e.LineNumber ?? 0); line++)
            at += text[at..].IndexOf((byte)'\n') + 1;
        return _window.Position.After(text[..(int)Math.Min(at + (e.BytePositionInLine ?? 0), text.Length)]);
    }

    private PreferenceDataException? CheckUtf8(ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
            return null;
        var at = 0;
        while (Rune.DecodeFromUtf8(value[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return PreferenceDataException.AtPosition(_file, _window.Position.After(value[..at]), $"the byte 0x{value[at]:X2} is not valid UTF-8; save the file as UTF-8");
    }

    private PreferenceDataException Error(string what) => PreferenceDataException.AtPosition(_file, _window.Position, what);

    private static string Show(int token) => token is > 0x20 and < 0x7f ? $"'{(char)token}'" : $"the byte 0x{token:X2}";
}
