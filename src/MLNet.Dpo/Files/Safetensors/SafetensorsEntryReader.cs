using System.Text.Json;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>Reads one tensor of a safetensors header: <c>{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}</c>.</summary>
internal static class SafetensorsEntryReader
{
    /// <summary>Reads the object that <paramref name="reader"/> stands on; offsets in it count from <paramref name="dataStart"/>.</summary>
    /// <exception cref="InvalidDataException">A field is missing, repeated or of the wrong type, or the offsets contradict dtype and shape.</exception>
    public static SafetensorsEntry Read(ref Utf8JsonReader reader, string name, long dataStart)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new InvalidDataException($"tensor '{name}' is not described by an object");
        SafetensorsDType? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = reader.GetString();
            reader.Read();
            if (field switch { "dtype" => dtype is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false })
                throw new InvalidDataException($"tensor '{name}' has '{field}' twice");
            switch (field)
            {
                case "dtype": dtype = ReadDType(ref reader, name); break;
                case "shape": shape = ReadSizes(ref reader, name, "shape"); break;
                case "data_offsets": offsets = ReadSizes(ref reader, name, "data_offsets"); break;
                default: reader.Skip(); break;
            }
        }
        if (dtype is null || shape is null || offsets is null)
            throw new InvalidDataException($"tensor '{name}' lacks '{(dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets")}'");
        return Check(name, dtype.Value, shape, offsets, dataStart);
    }

    private static SafetensorsEntry Check(string name, SafetensorsDType dtype, List<long> shape, List<long> offsets, long dataStart)
    {
        if (offsets.Count != 2 || offsets[1] < offsets[0] || offsets[1] > long.MaxValue - dataStart)
            throw new InvalidDataException($"tensor '{name}' has data_offsets [{string.Join(", ", offsets)}], expected [begin, end] with begin <= end");
        long byteLength;
        try
        {
            byteLength = dtype.ByteLength(shape);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"tensor '{name}': {e.Message}", e);
        }
        if (byteLength != offsets[1] - offsets[0])
            throw new InvalidDataException($"tensor '{name}' spans {offsets[1] - offsets[0]} bytes, but {dtype} of shape [{string.Join(", ", shape)}] takes {byteLength}");
        return new SafetensorsEntry(name, dtype, shape.AsReadOnly(), dataStart + offsets[0], byteLength);
    }

    private static SafetensorsDType ReadDType(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new InvalidDataException($"tensor '{name}' has a dtype that is not a string");
        var text = reader.GetString()!;
        // IsDefined, because Parse takes numbers too.
        if (Enum.TryParse<SafetensorsDType>(text, ignoreCase: false, out var dtype) && Enum.IsDefined(dtype) && dtype.ToString() == text)
            return dtype;
        throw new InvalidDataException($"tensor '{name}' has the unknown dtype '{text}'; known are {string.Join(", ", Enum.GetNames<SafetensorsDType>())}");
    }

    private static List<long> ReadSizes(ref Utf8JsonReader reader, string name, string field)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new InvalidDataException($"tensor '{name}' has a {field} that is not an array");
        var sizes = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0)
                throw new InvalidDataException($"tensor '{name}' has a {field} with something else than whole numbers from 0 to 2^63-1");
            sizes.Add(size);
        }
        return sizes;
    }
}
