using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo;

/// <summary>One message of a conversation.</summary>
public sealed record ChatMessage
{
    /// <summary>A message of a role with a text.</summary>
    public ChatMessage(string role, string content)
        : this(new JsonObject { ["role"] = role, ["content"] = content })
    {
    }

    /// <summary>A message as JSON.</summary>
    /// <param name="json">An object with a <c>role</c>; everything else in it reaches the chat template too.</param>
    /// <exception cref="InvalidDataException">There is no <c>role</c>, or it is not a string.</exception>
    public ChatMessage(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Role = StringOf(json["role"]) ?? throw new InvalidDataException($"A message needs a \"role\" that is a string, got {json.ToJsonString()}.");
        Content = StringOf(json["content"]);
        Json = json;
    }

    /// <summary>Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>, ...</summary>
    public string Role { get; }

    /// <summary>What is said; null where the content is absent or not a plain text.</summary>
    public string? Content { get; }

    /// <summary>The whole message, whatever else it holds (tool calls, reasoning, ...).</summary>
    public JsonObject Json { get; }

    /// <summary>
    /// The messages that a prompt's text means: those of a JSON array of objects with <c>role</c>, or else one user turn of just this text.
    /// </summary>
    public static IReadOnlyList<ChatMessage> ParsePrompt(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return TryParse(prompt, out var messages) ? messages : [new ChatMessage("user", prompt)];
    }

    /// <summary>Reads a JSON array of objects with <c>role</c>; false where the text is anything else.</summary>
    public static bool TryParse(string text, out IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(text);
        messages = [];
        if (!text.AsSpan().TrimStart().StartsWith("["))
            return false;
        try
        {
            if (JsonNode.Parse(text) is not JsonArray { Count: > 0 } array || !array.All(item => item is JsonObject message && StringOf(message["role"]) is not null))
                return false;
            messages = [.. array.Select(item => new ChatMessage(item!.AsObject()))];
            return true;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // Not JSON, or an object with a key twice: then it is a text.
            return false;
        }
    }

    /// <summary>The messages as chat templates take them.</summary>
    public static JsonArray ToJson(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return [.. messages.Select(message => message.Json.DeepClone())];
    }

    private static string? StringOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
