using System.Text.Json.Nodes;

namespace MLNet.Dpo.DataViews;

/// <summary>A prompt or a response: one turn as plain text, or messages. Which of the two is stated by the column, never guessed from the text.</summary>
internal sealed record ChatText
{
    private ChatText(string? text, JsonArray? messages) => (Text, Messages) = (text, messages);

    /// <summary>The text of one turn; null where there are messages.</summary>
    public string? Text { get; }

    /// <summary>The messages; null where there is a text.</summary>
    public JsonArray? Messages { get; }

    /// <summary>One turn of plain text, whatever is in it.</summary>
    public static ChatText Of(string text) => new(text, null);

    /// <summary>Messages.</summary>
    public static ChatText Of(JsonArray messages) => new(null, messages);

    /// <summary>The messages, a text as one of <paramref name="role"/>.</summary>
    public IEnumerable<JsonNode?> AsMessages(string role) => Messages is { } messages ? messages : [new JsonObject { ["role"] = role, ["content"] = Text }];

    /// <summary>The text, where a text or one message of <paramref name="role"/> with a text alone says all; otherwise null.</summary>
    public string? AsText(string role) => Text
        ?? (Messages is [JsonObject { Count: 2 } only] && TextOf(only["role"]) == role ? TextOf(only["content"]) : null);

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
