using System.Text.Json.Nodes;

namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>What transformers' apply_chat_template does to messages before a template sees them.</summary>
internal static class ConversationPreparation
{
    private static readonly string[] ReasoningKeys = ["reasoning_content", "thinking", "reasoning"];

    /// <summary>
    /// A copy of the messages without the keys whose value is null, and with the reasoning (under the first of its names that is there) copied to
    /// <c>reasoning_content</c>, and to <c>thinking</c> where the message has none.
    /// </summary>
    public static JsonArray Prepare(IEnumerable<JsonNode?> messages)
    {
        var prepared = new JsonArray([.. messages.Select(Prepare)]);
        return prepared.Count > 0 ? prepared : throw new ChatTemplateException("The conversation has no messages; expected at least one.");
    }

    private static JsonNode? Prepare(JsonNode? message)
    {
        if (message is not JsonObject source)
            return message?.DeepClone();
        var prepared = new JsonObject();
        foreach (var (key, value) in source)
        {
            if (value is not null)
                prepared[key] = value.DeepClone();
        }
        if (ReasoningKeys.Select(key => prepared[key]).FirstOrDefault(value => value is not null) is { } reasoning)
        {
            prepared["reasoning_content"] = reasoning.DeepClone();
            prepared["thinking"] ??= reasoning.DeepClone();
        }
        return prepared;
    }
}
