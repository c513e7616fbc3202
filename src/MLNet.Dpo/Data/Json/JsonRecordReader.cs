using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MLNet.Dpo.Data.Records;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Data.Json;

/// <summary>
/// Reads the JSON values of a file one by one: the elements of an array, a value a line (JSONL), or values end to end, and any mix of them.
/// One value at a time is in memory. JSON is taken strictly (RFC 8259): no comments, no trailing commas, no raw line breaks in strings.
/// </summary>
internal sealed class JsonRecordReader : IRecordReader
{
    private readonly Utf8Window _window;
    private readonly string _file;
    private Place _place;
    private long _count;
    private long _lastLine;
    private bool _isPastBad;

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
            var reader = new Utf8JsonReader(unread, _window.AtEnd, state: default);
            if (TryParse(ref reader, out var document))
            {
                var length = (int)reader.BytesConsumed;
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

    private bool TryParse(ref Utf8JsonReader reader, [NotNullWhen(true)] out JsonDocument? document)
    {
        try
        {
            return JsonDocument.TryParseValue(ref reader, out document);
        }
        catch (JsonException e)
        {
            var position = PositionOf(e);
            // The parser reports a line break inside a string as an invalid character; say what to do about it.
            var hint = e.Message.StartsWith("'0x0A'", StringComparison.Ordinal) || e.Message.StartsWith("'0x0D'", StringComparison.Ordinal)
                ? "; write line breaks inside a text as \\n" : "";
            throw PreferenceDataException.AtPosition(_file, position, $"not valid JSON: {JsonErrors.Describe(e)}{hint}", e);
        }
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
