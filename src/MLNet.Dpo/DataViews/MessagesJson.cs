using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.DataViews;

/// <summary>Messages as a text column holds them: a JSON array of objects with a role.</summary>
internal static class MessagesJson
{
    private const string Expected = "expected an array of messages, [{\"role\": \"user\", \"content\": \"...\"}, ...]";

    /// <summary>Reads the messages of a text.</summary>
    /// <exception cref="FormatException">The text is no array of messages; the message says what is wrong with it.</exception>
    public static JsonArray Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind == JsonValueKind.Array)
                return Checked(Node(document.RootElement)!.AsArray());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"is not valid JSON ({JsonErrors.Describe(e)}); {Expected}, or put a plain text into the other column", e);
        }
        throw new FormatException($"is JSON, but no array; {Expected}");
    }

    /// <summary>Checks that there are messages, and nothing else.</summary>
    /// <exception cref="FormatException">There is none, or an item is no message.</exception>
    public static JsonArray Checked(JsonArray messages)
    {
        if (messages.Count == 0) throw new FormatException($"is an empty array; {Expected}");
        for (var i = 0; i < messages.Count; i++)
        {
            if (messages[i] is not JsonObject message || message["role"] is not JsonValue role || role.GetValueKind() != JsonValueKind.String)
                throw new FormatException($"has an item {i + 1} that is no object with a role; {Expected}");
        }
        return messages;
    }

    /// <summary>A value of its own; of a key that is given twice the last counts, as in Python's json.</summary>
    /// <exception cref="InvalidOperationException">A text has half of a surrogate pair.</exception>
    internal static JsonNode? Node(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                return new JsonArray([.. value.EnumerateArray().Select(Node)]);
            case JsonValueKind.Object:
                var node = new JsonObject();
                foreach (var property in value.EnumerateObject()) node[property.Name] = Node(property.Value);
                return node;
            case JsonValueKind.String:
                return JsonValue.Create(value.GetString());
            default:
                return JsonNode.Parse(value.GetRawText());
        }
    }
}
