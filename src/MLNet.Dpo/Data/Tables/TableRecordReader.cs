using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MLNet.Dpo.Data.Json;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.Data.Tables;

/// <summary>
/// Reads the rows of a delimited table (RFC 4180): the first names the keys, each further one becomes an object of texts, in which an empty cell without quotes is null.
/// One row at a time is in memory. Strict where readers of tables guess: a quote that is never closed, text after a closing one, and a row of another
/// length are errors, since each would move texts into other columns.
/// </summary>
internal sealed class TableRecordReader : IRecordReader
{
    private readonly Utf8Window _window;
    private readonly string _file;
    private readonly ArrayBufferWriter<byte> _cell = new();
    private byte _delimiter;
    private string[]? _keys;
    private long _count;
    private PreferenceDataException? _badText;
    private bool _isPastBad;
    private bool _openQuote;

    /// <summary>Reads from <paramref name="stream"/>, which is disposed with this reader; errors name <paramref name="file"/>.</summary>
    public TableRecordReader(Stream stream, string file, char delimiter)
    {
        _window = new Utf8Window(stream, file);
        _file = file;
        _delimiter = (byte)delimiter;
    }

    /// <summary>The delimiter of a table by its file's name, also where it is gzipped; null where the name is no table's.</summary>
    public static char? DelimiterOf(string name)
    {
        var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        return Path.GetExtension(plain).ToLowerInvariant() switch
        {
            ".csv" => ',',
            ".tsv" or ".tab" => '\t',
            _ => null,
        };
    }

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out JsonRecord? record)
    {
        _keys ??= ReadKeys();
        while (_window.Peek() != -1)
        {
            var line = _window.Position.Line;
            var cells = ReadRow();
            if (cells is [null])
                continue;
            _count++;
            if (cells.Count != _keys.Length)
                throw PreferenceDataException.InRecord(_file, _count, line, $"the row has {cells.Count} cells and the header {_keys.Length}; expected as many: quote cells that hold a {Show(_delimiter)}, a quote or a line break");
            record = new JsonRecord(_file, _count, line, ToJson(_keys, cells));
            return true;
        }
        record = null;
        return false;
    }

    /// <summary>Goes on behind a bad row, which ends where its line does, if it has not been read to its end.</summary>
    public bool TrySkip(PreferenceDataException error)
    {
        if (_keys is null || error.Line is null || _openQuote)
            return false;
        if (error.Record is not null)
            return true;
        if (_isPastBad)
        {
            _isPastBad = false;
            _count++;
            return true;
        }
        _count++;
        _window.SkipLine();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _window.Dispose();

    private string[] ReadKeys()
    {
        TextStart.Check(_window, _file);
        if (_window.Peek() == -1)
            return [];
        _delimiter = FindDelimiter();
        var keys = ReadRow().Select((key, i) => string.IsNullOrWhiteSpace(key) ? $"column {i + 1}" : key.Trim()).ToArray();
        if (keys.GroupBy(key => key).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw PreferenceDataException.InFile(_file, $"has a header that names '{twice.Key}' twice; expected each key once");
        return keys;
    }

    /// <summary>A header without the usual delimiter: spreadsheets write semicolons where the comma is the decimal sign.</summary>
    private byte FindDelimiter()
    {
        var at = 0;
        var found = new HashSet<int>();
        for (var c = _window.Peek(); c is not (-1 or '\n' or '\r'); c = _window.Peek(++at))
            found.Add(c);
        return found.Contains(_delimiter) ? _delimiter : Array.Find(new[] { (byte)';', (byte)'\t' }, c => found.Contains(c)) is > 0 and var other ? other : _delimiter;
    }

    /// <summary>The cells of the row that begins here, which is consumed; null for an empty one without quotes.</summary>
    private List<string?> ReadRow()
    {
        var cells = new List<string?>();
        var at = 0;
        _badText = null;
        while (true)
        {
            cells.Add(_window.Peek(at) == '"' ? ReadQuoted(ref at) : ReadPlain(ref at));
            var end = _window.Peek(at);
            if (end == _delimiter)
            {
                at++;
                continue;
            }
            if (end == '\r')
                at += _window.Peek(at + 1) == '\n' ? 2 : 1;
            else if (end == '\n')
                at++;
            else if (end != -1)
                throw Error(at, $"text follows a closing quote; expected a {Show(_delimiter)} or the line's end: write a quote inside a quoted cell twice");
            _window.Consume(at);
            _isPastBad = _badText is not null;
            return _badText is null ? cells : throw _badText;
        }
    }

    private string? ReadPlain(ref int at)
    {
        _cell.ResetWrittenCount();
        var start = at;
        for (var c = _window.Peek(at); c is not (-1 or '\n' or '\r') && c != _delimiter; c = Next(ref at))
            _cell.Write([(byte)c]);
        return at == start ? null : Text(start);
    }

    private string ReadQuoted(ref int at)
    {
        _cell.ResetWrittenCount();
        var start = at;
        while (true)
        {
            var c = Next(ref at);
            if (c == -1)
            {
                _openQuote = true;
                throw Error(start, "the quote that opens here is never closed; write a quote inside a quoted cell twice");
            }
            if (c == '"' && Next(ref at) != '"')
                return Text(start);
            _cell.Write([(byte)c]);
        }
    }

    private int Next(ref int at) => ++at < Utf8Window.MaxRecordLength ? _window.Peek(at) : throw Error(0, $"the row that begins here has more than {Utf8Window.MaxRecordLength >> 20} MB; is a quote not closed?");

    // A cell that is no text is said when its row has been read to the end, so that the next row begins behind it.
    private string Text(int start)
    {
        if (Utf8.IsValid(_cell.WrittenSpan))
            return Encoding.UTF8.GetString(_cell.WrittenSpan);
        _badText ??= PreferenceDataException.AtPosition(_file, _window.Position.After(_window.Unread[..start]), "the cell is not valid UTF-8; save the file as UTF-8");
        return "";
    }

    private PreferenceDataException Error(int at, string what)
    {
        _window.Consume(at);
        return PreferenceDataException.AtPosition(_file, _window.Position, what);
    }

    private static JsonDocument ToJson(string[] keys, List<string?> cells) => JsonDocument.Parse(JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        for (var i = 0; i < keys.Length; i++)
            writer.WriteString(keys[i], cells[i]);
        writer.WriteEndObject();
    }));

    private static string Show(byte delimiter) => delimiter switch { (byte)'\t' => "tab", (byte)';' => "semicolon", _ => "comma" };
}
