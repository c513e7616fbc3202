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
internal sealed class JsonRecordReader : IDisposable
{
    private readonly Utf8Window _window;
    private readonly string _file;
    private Place _place;
    private long _count;

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

    /// <summary>Reads the next value; false at the end of the file.</summary>
    /// <exception cref="PreferenceDataException">The file is not JSON in UTF-8; the message has line and column.</exception>
    public bool TryRead([NotNullWhen(true)] out JsonRecord? record)
    {
        if (_count == 0 && _place == Place.Outside)
            CheckStart();
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
                    _place = _place == Place.Outside ? Place.Outside : Place.Element;
                    return true;
                case var token when _place == Place.Element:
                    throw Error($"{Show(token)} follows a record of an array; expected ',' or ']'");
                case var token:
                    throw Error($"{Show(token)} stands where a record should begin; expected '{{'");
            }
        }
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
                CheckUtf8(unread[..length]);
                _window.Consume(length);
                return new JsonRecord(_file, ++_count, start.Line, document);
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

    private void CheckUtf8(ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
            return;
        var at = 0;
        while (Rune.DecodeFromUtf8(value[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        throw PreferenceDataException.AtPosition(_file, _window.Position.After(value[..at]), $"the byte 0x{value[at]:X2} is not valid UTF-8; save the file as UTF-8");
    }

    private void CheckStart()
    {
        _window.Fill(4);
        var start = _window.Unread;
        if (start.StartsWith("\uFEFF"u8))
            _window.SkipMark(3);
        else if (start.StartsWith<byte>([0xff, 0xfe]) || start.StartsWith<byte>([0xfe, 0xff]))
            throw PreferenceDataException.InFile(_file, "is UTF-16 text; save it as UTF-8");
        else if (start.SequenceEqual("PAR1"u8))
            throw PreferenceDataException.InFile(_file, "is a Parquet file; expected JSON: export it as JSON or JSONL");
    }

    private PreferenceDataException Error(string what) => PreferenceDataException.AtPosition(_file, _window.Position, what);

    private static string Show(int token) => token is > 0x20 and < 0x7f ? $"'{(char)token}'" : $"the byte 0x{token:X2}";
}
