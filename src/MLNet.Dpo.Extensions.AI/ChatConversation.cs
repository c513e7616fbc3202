using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo.ExtensionsAI;

/// <summary>Messages of Microsoft.Extensions.AI as chat templates take them.</summary>
internal static class ChatConversation
{
    /// <summary>The conversation.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="instructions">A system message before them, together with one that is there; null for none.</param>
    /// <exception cref="NotSupportedException">A message holds what is no text, tool call or tool result.</exception>
    /// <exception cref="ArgumentException">There is no message.</exception>
    internal static JsonArray Of(IEnumerable<ChatMessage> messages, string? instructions)
    {
        var conversation = new JsonArray();
        var names = new Dictionary<string, string>();
        foreach (var message in messages)
        {
            foreach (var call in message.Contents.OfType<FunctionCallContent>()) names[call.CallId] = call.Name;
            foreach (var node in Nodes(message, names)) conversation.Add(node);
        }
        if (conversation.Count == 0) throw new ArgumentException("There is no message; give one to answer.", nameof(messages));
        if (string.IsNullOrEmpty(instructions)) return conversation;
        if ((string?)conversation[0]!["role"] == "system") conversation[0]!["content"] = $"{instructions}\n\n{(string?)conversation[0]!["content"]}";
        else conversation.Insert(0, new JsonObject { ["role"] = "system", ["content"] = instructions });
        return conversation;
    }

    // A message's results are messages of their own, as templates take them.
    private static IEnumerable<JsonNode> Nodes(ChatMessage message, Dictionary<string, string> names)
    {
        foreach (var content in message.Contents)
        {
            if (content is not (TextContent or TextReasoningContent or FunctionCallContent or FunctionResultContent or UsageContent))
                throw new NotSupportedException($"A message of '{message.Role}' has a {content.GetType().Name}; models of this library read texts, tool calls and tool results alone.");
        }
        var results = message.Contents.OfType<FunctionResultContent>().ToList();
        foreach (var result in results)
        {
            var node = new JsonObject { ["role"] = "tool", ["content"] = TextOf(result), ["tool_call_id"] = result.CallId };
            if (names.TryGetValue(result.CallId, out var name)) node["name"] = name;
            yield return node;
        }
        var calls = message.Contents.OfType<FunctionCallContent>().ToList();
        if (results.Count > 0 && calls.Count == 0 && message.Text.Length == 0) yield break;
        var said = new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text };
        if (string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text)) is { Length: > 0 } reasoning) said["reasoning_content"] = reasoning;
        if (calls.Count > 0) said["tool_calls"] = new JsonArray([.. calls.Select(CallOf)]);
        yield return said;
    }

    private static JsonNode CallOf(FunctionCallContent call) => new JsonObject
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject
        {
            ["name"] = call.Name,
            ["arguments"] = new JsonObject((call.Arguments ?? new Dictionary<string, object?>()).Select(argument => KeyValuePair.Create(argument.Key, NodeOf(argument.Value)))),
        },
    };

    private static string TextOf(FunctionResultContent result)
    {
        if (result.Result is null && result.Exception is { } error) return $"Error: {error.Message}";
        var node = NodeOf(result.Result);
        return node is JsonValue value && value.TryGetValue(out string? text) ? text : node?.ToJsonString() ?? "null";
    }

    private static JsonNode? NodeOf(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        JsonElement element => JsonNode.Parse(element.GetRawText()),
        string text => JsonValue.Create(text),
        _ => JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions.GetTypeInfo(value.GetType())),
    };
}
