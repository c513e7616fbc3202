using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Data.Records;

/// <summary>Messages as text columns: plain text where one plain turn is all there is, otherwise a JSON array of the messages.</summary>
internal static class MessageText
{
    // Readable Chinese in the columns; the text never goes into HTML.
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A prompt's messages as text.</summary>
    public static string OfPrompt(IReadOnlyList<JsonObject> messages) => Of(messages, "user");

    /// <summary>An answer's messages as text.</summary>
    public static string OfResponse(IReadOnlyList<JsonObject> messages) => Of(messages, "assistant");

    /// <summary>Whether a text would be taken for messages: a JSON array, not empty, of objects with a <c>role</c>.</summary>
    public static bool IsMessages(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("["))
            return false;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0 && array.EnumerateArray().All(item => item.TryGet("role", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Of(IReadOnlyList<JsonObject> messages, string plainRole)
    {
        if (messages is [var only] && only.Count == 2 && (string?)only["role"] == plainRole
            && only["content"] is JsonValue content && content.TryGetValue(out string? text) && !IsMessages(text))
            return text;
        return new JsonArray([.. messages.Select(message => message.DeepClone())]).ToJsonString(Json);
    }
}
