using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Fields of a record, with errors that say what was found.</summary>
internal static class RecordFields
{
    /// <summary>Finds a field of an object; one that is null counts as absent, as tables exported from columns have it. What is no object has no fields.</summary>
    public static bool TryGet(this JsonElement record, string name, out JsonElement value)
    {
        value = default;
        return record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    /// <summary>Whether the record has the field with a value other than null.</summary>
    public static bool Has(this JsonElement record, string name) => record.TryGet(name, out _);

    /// <summary>The first of some names under which the record has a value; null where it has none.</summary>
    public static string? FirstOf(this JsonElement record, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (record.Has(name))
                return name;
        return null;
    }

    /// <summary>What a value is, in words: "a number", "an empty list", ...</summary>
    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array when value.GetArrayLength() == 0 => "an empty list",
        JsonValueKind.Array => "a list",
        JsonValueKind.String when value.ValueEquals(""u8) => "an empty text",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => string.Create(CultureInfo.InvariantCulture, $"the number {value.GetRawText()}"),
        JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => "null",
    };

    /// <summary>The keys that an object has, in words, as far as they fit on a line.</summary>
    public static string DescribeKeys(JsonElement record)
    {
        string[] keys = [.. record.EnumerateObject().Select(property => ColumnMap.InFile(property.Name)).Take(12).Select(key => key.Length > 40 ? $"{key[..40]}..." : key)];
        return keys.Length == 0 ? "it has no keys" : $"it has the keys '{string.Join("', '", keys)}'";
    }

    /// <summary>Whether a field is there and says something: not null, an empty text, an empty list or an empty object.</summary>
    public static bool HasContent(this JsonElement record, string name, [NotNullWhen(true)] out string? description)
    {
        description = null;
        if (!record.TryGet(name, out var value))
            return false;
        var empty = value.ValueKind switch
        {
            JsonValueKind.Array => value.GetArrayLength() == 0,
            JsonValueKind.Object => !value.EnumerateObject().Any(),
            JsonValueKind.String => value.GetString()!.Trim() is "" or "[]" or "{}",
            _ => false,
        };
        description = empty ? null : Describe(value);
        return !empty;
    }
}
