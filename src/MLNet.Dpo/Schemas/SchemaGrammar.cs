using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Schemas;

/// <summary>
/// Reads a JSON Schema as what may be written: every document that it lets through is valid, though not every valid one is let through (properties come in the schema's order, and
/// others only where none is named). A keyword that documents cannot be held to while they are written is an error.
/// </summary>
internal static class SchemaGrammar
{
    private const int MostBytes = 1_000_000;

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    // By the type that they speak of.
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["properties"] = "object",
        ["required"] = "object",
        ["additionalProperties"] = "object",
        ["items"] = "array",
        ["minItems"] = "array",
        ["maxItems"] = "array",
        ["minLength"] = "string",
        ["maxLength"] = "string",
    };

    /// <summary>Reads a schema.</summary>
    /// <exception cref="ArgumentException">It is no JSON Schema, or asks for something that is not supported.</exception>
    internal static SchemaNode Parse(string schema)
    {
        JsonSchema.Parse(schema); // what is malformed in itself
        using var document = JsonDocument.Parse(schema);
        try
        {
            return Node(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair in a text comes to light late.
            throw new ArgumentException($"schema has a text that cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static SchemaNode Node(JsonElement schema) => Written(schema) is { Least: <= MostBytes } node
        ? node
        : throw new ArgumentException($"schema asks for more than {MostBytes} bytes; lower its minItems or minLength.");

    private static SchemaNode Written(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.True) return UnionNode.Any;
        if (schema.ValueKind == JsonValueKind.False) throw new ArgumentException("schema has false where a value must be written; leave the property out.");
        if (schema.TryGetProperty("enum", out _) || schema.TryGetProperty("const", out _)) return Values(schema);
        List<string> keywords = [.. schema.EnumerateObject().Select(keyword => keyword.Name).Where(keyword => !JsonSchema.IsAnnotation(keyword))];
        if (keywords.FirstOrDefault(keyword => keyword is not ("type" or "anyOf") && !Keywords.ContainsKey(keyword)) is { } unknown)
        {
            throw new ArgumentException(
                $"schema has '{unknown}', which a completion cannot be held to; supported are type, enum, const, anyOf, {string.Join(", ", Keywords.Keys)}, and with enum or const what JSON Schema scorers take.");
        }
        if (schema.TryGetProperty("anyOf", out var choices))
        {
            if (keywords.FirstOrDefault(keyword => keyword != "anyOf") is { } beside) throw new ArgumentException($"schema has '{beside}' beside anyOf, which is not supported; write it into each of the choices.");
            return choices.GetArrayLength() > 0 ? UnionNode.Of([.. choices.EnumerateArray().Select(Node)]) : throw new ArgumentException("schema has anyOf without a choice; give one.");
        }
        var types = TypesOf(schema, keywords);
        return types.Count switch
        {
            0 => UnionNode.Any,
            1 => Typed(types[0], schema),
            _ => UnionNode.Of([.. types.Select(type => Typed(type, schema))]),
        };
    }

    // Where no type is said, the keywords tell which they speak of.
    private static List<string> TypesOf(JsonElement schema, List<string> keywords)
    {
        if (!schema.TryGetProperty("type", out var type)) return [.. keywords.Select(keyword => Keywords[keyword]).Distinct()];
        return type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0 ? [.. type.EnumerateArray().Select(one => one.GetString()!)]
            : type.ValueKind == JsonValueKind.String ? [type.GetString()!]
            : throw new ArgumentException($"schema has a type that names none; allowed: {string.Join(", ", Types)}.");
    }

    private static SchemaNode Typed(string type, JsonElement schema) => type switch
    {
        "object" => Object(schema),
        "array" => Array(schema),
        "string" => new StringNode(Limit(schema, "minLength") ?? 0, Checked(Limit(schema, "maxLength"), Limit(schema, "minLength"), "maxLength")),
        "number" => new NumberNode(isInteger: false),
        "integer" => new NumberNode(isInteger: true),
        "boolean" => UnionNode.Of([Literal("true"), Literal("false")]),
        _ => Literal("null"),
    };

    private static ArrayNode Array(JsonElement schema) => new(
        schema.TryGetProperty("items", out var items) ? Node(items) : UnionNode.Any,
        Limit(schema, "minItems") ?? 0,
        Checked(Limit(schema, "maxItems"), Limit(schema, "minItems"), "maxItems"));

    private static ObjectNode Object(JsonElement schema)
    {
        HashSet<string> required = schema.TryGetProperty("required", out var names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
        var isClosed = schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;
        var others = isClosed ? null : additional.ValueKind == JsonValueKind.Undefined ? UnionNode.Any : Node(additional);
        var properties = new List<PropertyNode>();
        if (schema.TryGetProperty("properties", out var given))
        {
            foreach (var property in given.EnumerateObject()) properties.Add(new PropertyNode(Key(property.Name), Node(property.Value), required.Remove(property.Name)));
        }
        foreach (var name in required)
            properties.Add(new PropertyNode(Key(name), others ?? throw new ArgumentException($"schema requires '{name}', which is not among its properties, and additionalProperties is false; add it to the properties."), IsRequired: true));
        return new ObjectNode(properties, properties.Count == 0 ? others : null);
    }

    // Any keyword may stand beside these: a value is taken only where all of them hold.
    private static SchemaNode Values(JsonElement schema)
    {
        JsonElement[] values = schema.TryGetProperty("enum", out var several) ? [.. several.EnumerateArray()] : [schema.GetProperty("const")];
        var whole = JsonSchema.Of(schema);
        List<SchemaNode> valid = [.. values.Where(whole.IsValid).Select(value => new LiteralNode(Encoding.UTF8.GetBytes(Compact(value))))];
        return valid.Count > 0 ? UnionNode.Of(valid) : throw new ArgumentException("schema has an enum or const of which no value is valid; give one that the keywords beside it allow.");
    }

    private static int? Limit(JsonElement schema, string keyword) => schema.TryGetProperty(keyword, out var value) ? value.GetInt32() : null;

    private static int? Checked(int? max, int? min, string keyword) => max is null || (max >= 0 && max >= (min ?? 0)) ? max : throw new ArgumentException($"schema has {keyword} {max} with a least number of {min ?? 0}; raise it.");

    private static LiteralNode Literal(string text) => new(Encoding.UTF8.GetBytes(text));

    private static byte[] Key(string name) => Encoding.UTF8.GetBytes($"{Quoted(name)}:");

    // As models write it: every character that may stand for itself does.
    private static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(property => $"{Quoted(property.Name)}:{Compact(property.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Compact))}]",
        JsonValueKind.String => Quoted(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (letter is '"' or '\\') quoted.Append('\\').Append(letter);
            else if (letter == '\n') quoted.Append("\\n");
            else if (letter < ' ') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else quoted.Append(letter);
        }
        return quoted.Append('"').ToString();
    }
}
