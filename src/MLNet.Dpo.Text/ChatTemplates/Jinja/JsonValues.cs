using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Turns JSON into values of templates: key order kept, <c>1.0</c> a float, integers of any size.</summary>
internal static class JsonValues
{
    public static object? Convert(JsonNode? node)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonArray array:
                return new ListValue([.. array.Select(Convert)]);
            case JsonObject entries:
                var mapping = new MappingValue();
                foreach (var (key, value) in entries)
                    mapping.Set(key, Convert(value));
                return mapping;
            default:
                return Scalar((JsonValue)node);
        }
    }

    private static object? Scalar(JsonValue value)
    {
        switch (value.GetValueKind())
        {
            case JsonValueKind.String: return value.GetValue<string>();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Null: return null;
        }
        string number = value.ToJsonString();
        return number.AsSpan().ContainsAny(".eE")
            ? double.Parse(number, CultureInfo.InvariantCulture)
            : BigInteger.Parse(number, CultureInfo.InvariantCulture);
    }
}
