using System.Text.Json;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.DataViews;

/// <summary>What a chat template is given beside the messages: tools and further variables, as text columns hold them.</summary>
internal static class TemplateInputs
{
    private static readonly string[] Reserved = ["messages", "tools", "documents", "add_generation_prompt", "continue_final_message", "chat_template", "tokenize"];

    /// <summary>The tools of a JSON text; null where it is empty, or there is none in it.</summary>
    /// <exception cref="FormatException">It is no list of objects; the message goes on after the column's name.</exception>
    public static JsonArray? Tools(string text) => string.IsNullOrWhiteSpace(text) ? null : Tools(Parse(text));

    /// <summary>Tools; null where there is none.</summary>
    /// <exception cref="FormatException">They are no list of objects; the message goes on after the column's name.</exception>
    public static JsonArray? Tools(JsonNode? tools)
    {
        if (tools is null) return null;
        if (tools is not JsonArray list || !list.All(tool => tool is JsonObject))
            throw new FormatException("is no list of tools; expected [{\"type\": \"function\", \"function\": {\"name\": \"...\", \"parameters\": {...}}}, ...]");
        return list.Count > 0 ? list : null;
    }

    /// <summary>The variables of a JSON text; none where it is empty.</summary>
    /// <exception cref="FormatException">It is no object, or names what is given otherwise; the message goes on after the column's name.</exception>
    public static JsonObject Arguments(string text) => string.IsNullOrWhiteSpace(text)
        ? []
        : Checked(Parse(text) as JsonObject ?? throw new FormatException("is no JSON object; expected variables of the chat template such as {\"enable_thinking\": false}"));

    /// <summary>Variables that stand beside what the template is given anyway, without those that are null.</summary>
    /// <exception cref="FormatException">One is in the place of messages, tools or the like; the message goes on after the column's name.</exception>
    public static JsonObject Checked(JsonObject arguments)
    {
        if (arguments.Select(argument => argument.Key).FirstOrDefault(Reserved.Contains) is { } name)
            throw new FormatException($"names {name}, which the chat template is given by other ways; leave it out (messages and tools have columns of their own)");
        return new JsonObject(arguments.Where(argument => argument.Value is not null).Select(argument => KeyValuePair.Create(argument.Key, argument.Value?.DeepClone())));
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return MessagesJson.Node(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"is not valid JSON ({JsonErrors.Describe(e)})", e);
        }
    }
}
