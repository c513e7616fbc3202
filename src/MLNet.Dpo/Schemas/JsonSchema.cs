using System.Text.Json;
using System.Text.RegularExpressions;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Schemas;

/// <summary>
/// A part of JSON Schema 2020-12, without references: the keywords of <see cref="Read"/>. One that is not understood is an error when the schema is read, so that
/// nothing that a schema asks for is passed over.
/// </summary>
internal sealed class JsonSchema
{
    /// <summary>The most time that a regular expression may take for a text.</summary>
    internal static readonly TimeSpan RegexTimeout = TimeSpan.FromSeconds(1);

    private static readonly string[] Annotations = ["$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly"];

    private readonly List<Func<JsonElement, bool>> _checks = [];

    private JsonSchema()
    {
    }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="ArgumentException">It is no JSON, or asks for something that is not supported.</exception>
    internal static JsonSchema Parse(string schema)
    {
        try
        {
            using var document = JsonDocument.Parse(schema);
            return Of(document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"schema is no JSON: {JsonErrors.Describe(e)}; give a JSON Schema, such as {{\"type\": \"object\", \"required\": [\"answer\"]}}.", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new ArgumentException($"schema has a keyword whose value is of the wrong type: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Whether a value is what the schema asks for.</summary>
    internal bool IsValid(JsonElement value) => _checks.All(check => check(value));

    /// <summary>Whether a keyword says nothing about what is valid.</summary>
    internal static bool IsAnnotation(string keyword) => Annotations.Contains(keyword);

    /// <summary>Reads a schema.</summary>
    /// <exception cref="ArgumentException">It asks for something that is not supported.</exception>
    internal static JsonSchema Of(JsonElement schema)
    {
        var read = new JsonSchema();
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            var allows = schema.ValueKind == JsonValueKind.True;
            read._checks.Add(_ => allows);
            return read;
        }
        if (schema.ValueKind != JsonValueKind.Object) throw new ArgumentException($"schema has {schema.ValueKind} where a schema is expected; write an object, true or false.");
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!IsAnnotation(keyword.Name)) read._checks.Add(Read(keyword.Name, keyword.Value, schema));
        }
        return read;
    }

    private static Func<JsonElement, bool> Read(string keyword, JsonElement value, JsonElement schema) => keyword switch
    {
        "type" => Type(value),
        "enum" => Enum([.. value.EnumerateArray()]),
        "const" => element => JsonElement.DeepEquals(value, element),
        "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf" => Number(keyword, value.GetDouble()),
        "minLength" or "maxLength" or "pattern" => Text(keyword, value),
        "items" or "minItems" or "maxItems" or "uniqueItems" => Array(keyword, value),
        "properties" or "required" or "additionalProperties" or "minProperties" or "maxProperties" => Object(keyword, value, schema),
        "anyOf" or "allOf" or "oneOf" or "not" => Combination(keyword, value),
        _ => throw new ArgumentException(
            $"schema has '{keyword}', which is not supported; supported are type, enum, const, bounds of numbers, lengths and pattern of texts, items, properties, required, additionalProperties, anyOf, allOf, oneOf and not."),
    };

    private static Func<JsonElement, bool> Enum(JsonElement[] allowed) => element => allowed.Any(one => JsonElement.DeepEquals(one, element));

    private static Func<JsonElement, bool> Type(JsonElement value)
    {
        string[] types = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(type => type.GetString()!)] : [value.GetString()!];
        string[] known = ["object", "array", "string", "number", "integer", "boolean", "null"];
        if (types.FirstOrDefault(type => !known.Contains(type)) is { } wrong) throw new ArgumentException($"schema has the type '{wrong}'; allowed: {string.Join(", ", known)}.");
        return element => types.Any(type => Is(element, type));
    }

    private static bool Is(JsonElement element, string type) => type switch
    {
        "object" => element.ValueKind == JsonValueKind.Object,
        "array" => element.ValueKind == JsonValueKind.Array,
        "string" => element.ValueKind == JsonValueKind.String,
        "number" => element.ValueKind == JsonValueKind.Number,
        "integer" => element.ValueKind == JsonValueKind.Number && double.IsInteger(element.GetDouble()),
        "boolean" => element.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => element.ValueKind == JsonValueKind.Null,
    };

    private static Func<JsonElement, bool> Number(string keyword, double limit) => element => element.ValueKind != JsonValueKind.Number || keyword switch
    {
        "minimum" => element.GetDouble() >= limit,
        "maximum" => element.GetDouble() <= limit,
        "exclusiveMinimum" => element.GetDouble() > limit,
        "exclusiveMaximum" => element.GetDouble() < limit,
        _ => double.IsInteger(element.GetDouble() / limit),
    };

    private static Func<JsonElement, bool> Text(string keyword, JsonElement value)
    {
        if (keyword == "pattern")
        {
            var regex = new Regex(value.GetString()!, RegexOptions.CultureInvariant, RegexTimeout);
            return element => element.ValueKind != JsonValueKind.String || regex.IsMatch(element.GetString()!);
        }
        var limit = value.GetInt32();
        return element => element.ValueKind != JsonValueKind.String || Within(keyword, element.GetString()!.EnumerateRunes().Count(), limit);
    }

    private static Func<JsonElement, bool> Array(string keyword, JsonElement value)
    {
        if (keyword == "items")
        {
            var items = Of(value);
            return element => element.ValueKind != JsonValueKind.Array || element.EnumerateArray().All(items.IsValid);
        }
        if (keyword == "uniqueItems")
        {
            if (!value.GetBoolean()) return _ => true;
            return element => element.ValueKind != JsonValueKind.Array
                || element.EnumerateArray().Select((item, i) => element.EnumerateArray().Take(i).All(before => !JsonElement.DeepEquals(before, item))).All(isNew => isNew);
        }
        var limit = value.GetInt32();
        return element => element.ValueKind != JsonValueKind.Array || Within(keyword, element.GetArrayLength(), limit);
    }

    private static Func<JsonElement, bool> Object(string keyword, JsonElement value, JsonElement schema)
    {
        switch (keyword)
        {
            case "properties":
                var properties = value.EnumerateObject().ToDictionary(property => property.Name, property => Of(property.Value));
                return element => element.ValueKind != JsonValueKind.Object
                    || element.EnumerateObject().All(property => !properties.TryGetValue(property.Name, out var asked) || asked.IsValid(property.Value));
            case "required":
                string[] required = [.. value.EnumerateArray().Select(name => name.GetString()!)];
                return element => element.ValueKind != JsonValueKind.Object || required.All(name => element.TryGetProperty(name, out _));
            case "additionalProperties":
                var others = Of(value);
                HashSet<string> named = schema.TryGetProperty("properties", out var given) ? [.. given.EnumerateObject().Select(property => property.Name)] : [];
                return element => element.ValueKind != JsonValueKind.Object || element.EnumerateObject().All(property => named.Contains(property.Name) || others.IsValid(property.Value));
            default:
                var limit = value.GetInt32();
                return element => element.ValueKind != JsonValueKind.Object || Within(keyword, element.GetPropertyCount(), limit);
        }
    }

    private static Func<JsonElement, bool> Combination(string keyword, JsonElement value)
    {
        if (keyword == "not")
        {
            var unwanted = Of(value);
            return element => !unwanted.IsValid(element);
        }
        JsonSchema[] parts = [.. value.EnumerateArray().Select(Of)];
        return keyword switch
        {
            "allOf" => element => parts.All(part => part.IsValid(element)),
            "anyOf" => element => parts.Any(part => part.IsValid(element)),
            _ => element => parts.Count(part => part.IsValid(element)) == 1,
        };
    }

    private static bool Within(string keyword, int count, int limit) => keyword.StartsWith("min", StringComparison.Ordinal) ? count >= limit : count <= limit;
}
