using System.Text.Json.Nodes;

namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>What transformers' apply_chat_template does to messages before a template sees them.</summary>
internal static class ConversationPreparation
{
    private const int MaxDepth = 200;
    private static readonly string[] ReasoningKeys = ["reasoning_content", "thinking", "reasoning"];

    /// <summary>
    /// A copy of the messages without the keys whose value is null, and with the reasoning (under the first of its names that is there) copied to
    /// <c>reasoning_content</c>, and to <c>thinking</c> where the message has none.
    /// </summary>
    public static JsonArray Prepare(IEnumerable<JsonNode?> messages)
    {
        JsonArray prepared;
        try
        {
            prepared = new JsonArray([.. messages.Select(Prepare)]);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // JSON text is read late: a key that stands twice or half a surrogate pair comes to light here.
            throw new ChatTemplateException($"The chat template's messages cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
        return prepared.Count > 0 ? prepared : throw new ChatTemplateException("The conversation has no messages; expected at least one.");
    }

    /// <summary>Refuses what is nested too deep, before it is copied: the framework's copy knows no limit.</summary>
    private static void CheckDepth(JsonNode? node, int depth)
    {
        if (depth > MaxDepth)
            throw new ChatTemplateException($"A message is nested deeper than {MaxDepth} levels.");
        if (node is JsonArray array)
        {
            foreach (var item in array)
                CheckDepth(item, depth + 1);
        }
        else if (node is JsonObject entries)
        {
            foreach (var (_, value) in entries)
                CheckDepth(value, depth + 1);
        }
    }

    private static JsonNode? Prepare(JsonNode? message)
    {
        CheckDepth(message, 0);
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
