using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>One record of a file as a JSON value, and where it stands (without a line where the file has none). It knows which of its keys have been read, so that none that carries text is lost.</summary>
internal sealed class JsonRecord(string file, long number, long? line, JsonDocument document) : IDisposable
{
    private readonly HashSet<string> _read = [];
    private JsonDocument _document = document;
    private string _note = "";
    private readonly List<JsonDocument> _unpacked = [];

    /// <summary>The value.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Where it stands, as errors say it.</summary>
    public string Place => PreferenceDataException.PlaceOf(file, number, line);

    /// <summary>Reads a field of the record, and notes that it has been; null counts as absent. Messages that are stored as JSON text are unpacked.</summary>
    public bool TryRead(string name, out JsonElement value)
    {
        _read.Add(name);
        if (!Root.TryGet(name, out value))
            return false;
        value = Unpack(value, $"'{name}'");
        return true;
    }

    /// <summary>Reads a text field; null when it is absent. A text stays one, whatever it holds.</summary>
    public string? ReadTextOrNull(string name)
    {
        _read.Add(name);
        if (!Root.TryGet(name, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Error($"'{name}' is {RecordFields.Describe(value)}; expected a text");
    }

    /// <summary>Reads a field that is a list, or the JSON text of one, as tables have it.</summary>
    public bool TryReadList(string name, out JsonElement value)
    {
        if (!TryRead(name, out value))
            return false;
        if (value.ValueKind == JsonValueKind.String && PackedMessages.TryParseList(value.GetString()!) is { } list)
        {
            _unpacked.Add(list);
            value = list.RootElement;
        }
        return true;
    }

    /// <summary>Whether a field has been read.</summary>
    public bool HasRead(string name) => _read.Contains(name);

    /// <summary>Messages that are stored as JSON text, as tables have them, become messages; every other value stays what it is.</summary>
    public JsonElement Unpack(JsonElement value, string where)
    {
        if (value.ValueKind != JsonValueKind.String)
            return value;
        var text = value.GetString()!;
        if (PackedMessages.LooksPrinted(text))
            throw Error($"{where} is a list of messages as Python prints it; expected JSON: write the column with json.dumps, or keep it a list");
        if (PackedMessages.TryParse(text) is not { } unpacked)
            return value;
        _unpacked.Add(unpacked);
        return unpacked.RootElement;
    }

    /// <summary>Puts another value in the record's place, whose names <paramref name="note"/> explains to readers of errors.</summary>
    public void Replace(JsonDocument renamed, string note)
    {
        _document.Dispose();
        (_document, _note) = (renamed, note);
    }

    /// <summary>An error that names this record.</summary>
    public PreferenceDataException Error(string what, Exception? inner = null) => PreferenceDataException.InRecord(file, number, line, what + _note, inner);

    /// <summary>Gives the value's memory back; <see cref="Root"/> must not be used any more.</summary>
    public void Dispose()
    {
        _document.Dispose();
        foreach (var unpacked in _unpacked)
            unpacked.Dispose();
    }
}
