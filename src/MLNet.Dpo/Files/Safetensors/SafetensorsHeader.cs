using System.Text.Json;
using System.Text.Unicode;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>
/// The JSON header of a safetensors file: tensors in the order of their data, and the free-text metadata. Parsing checks everything that the
/// reference implementation checks, so that an entry can be trusted to lie inside the file.
/// </summary>
internal sealed record SafetensorsHeader(IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<SafetensorsEntry> Entries)
{
    /// <summary>The length field in front of the header, in bytes.</summary>
    public const int LengthBytes = 8;

    /// <summary>The largest header that the reference implementation accepts, in bytes.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>Parses and checks a header.</summary>
    /// <param name="json">The header's bytes, with or without the padding spaces.</param>
    /// <param name="dataStart">Offset of the first data byte from the start of the file.</param>
    /// <param name="fileLength">The file's length in bytes.</param>
    /// <exception cref="InvalidDataException">One line that says what is wrong, without the file's name.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataStart, long fileLength)
    {
        if (!Utf8.IsValid(json))
            throw new InvalidDataException("the header is not valid UTF-8");
        try
        {
            var reader = new Utf8JsonReader(json);
            return Read(ref reader, dataStart, fileLength);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"the header is not valid JSON ({JsonErrors.Describe(e)}, at header byte {e.BytePositionInLine})", e);
        }
        catch (InvalidOperationException e)
        {
            // A name with an unpaired surrogate escape is JSON, but no text.
            throw new InvalidDataException("the header has a string that is not valid Unicode", e);
        }
    }

    private static SafetensorsHeader Read(ref Utf8JsonReader reader, long dataStart, long fileLength)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException("the header is not a JSON object");
        IReadOnlyDictionary<string, string>? metadata = null;
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (!names.Add(name))
                throw new InvalidDataException($"the header names '{name}' twice");
            reader.Read();
            if (name == "__metadata__")
                metadata = ReadMetadata(ref reader);
            else
                entries.Add(SafetensorsEntryReader.Read(ref reader, name, dataStart));
        }
        // Reads what follows the object: anything but white space is a JsonException.
        reader.Read();
        entries.Sort((x, y) => (x.Offset, x.ByteLength).CompareTo((y.Offset, y.ByteLength)));
        CheckLayout(entries, dataStart, fileLength);
        return new SafetensorsHeader(metadata ?? new Dictionary<string, string>(), entries);
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reader.TokenType == JsonTokenType.Null)
            return metadata;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException("the header's __metadata__ is not an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new InvalidDataException($"the header's __metadata__ value of '{key}' is not a string");
            if (!metadata.TryAdd(key, reader.GetString()!))
                throw new InvalidDataException($"the header's __metadata__ names '{key}' twice");
        }
        return metadata;
    }

    /// <summary>Tensors must lie end to end from the first data byte to the end of the file: no hole, no overlap, nothing missing or left over.</summary>
    private static void CheckLayout(List<SafetensorsEntry> entries, long dataStart, long fileLength)
    {
        var end = dataStart;
        foreach (var entry in entries)
        {
            if (entry.Offset != end)
                throw new InvalidDataException(entry.Offset > end
                    ? $"bytes {end - dataStart} to {entry.Offset - dataStart} of the data belong to no tensor (a hole before '{entry.Name}')"
                    : $"tensor '{entry.Name}' overlaps the one before it (it begins at byte {entry.Offset - dataStart} of the data, expected {end - dataStart})");
            if (entry.ByteLength > fileLength - end)
                throw new InvalidDataException($"the data is truncated: tensor '{entry.Name}' ends at byte {(Int128)end + entry.ByteLength}, the file has {fileLength} bytes");
            end += entry.ByteLength;
        }
        if (end != fileLength)
            throw new InvalidDataException($"the last {fileLength - end} bytes belong to no tensor");
    }
}
