using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Reads chat messages into the form that chat templates take: <c>role</c>, <c>content</c>, then all other keys as they were.
/// ShareGPT's <c>from</c>/<c>value</c> and role names are translated; keys whose value is null are left out.
/// </summary>
internal static class MessageReader
{
    private static readonly string[] OwnKeys = ["role", "from", "content", "value", "chosen", "rejected", "loss_weight"];

    /// <summary>Reads a list of messages.</summary>
    public static List<JsonObject> ReadList(JsonRecord record, JsonElement list, string where)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw record.Error($"'{where}' is {RecordFields.Describe(list)}; expected a list of messages");
        var messages = new List<JsonObject>();
        foreach (var element in list.EnumerateArray())
            messages.Add(Read(record, element, $"message {messages.Count + 1} of '{where}'"));
        return messages;
    }

    /// <summary>Reads one message.</summary>
    public static JsonObject Read(JsonRecord record, JsonElement element, string where)
    {
        var role = ReadRole(record, element, where);
        CheckLossWeight(record, element, role, where);
        if (role == "function_call")
            return ToolCalls(record, Content(element), where);
        var message = new JsonObject { ["role"] = role };
        var content = Content(element);
        if (content.ValueKind != JsonValueKind.Undefined)
            message["content"] = ReadText(record, content, where);
        else if (!element.Has("tool_calls"))
            throw record.Error($"{where} has no 'content'; expected a text");
        foreach (var property in element.EnumerateObject())
            if (!OwnKeys.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
                message[property.Name] = RecordFields.ToNode(property.Value);
        return message;
    }

    /// <summary>The role of a message in the names that chat templates use; <c>function_call</c> stays, it is no role but a way to write tool calls.</summary>
    public static string ReadRole(JsonRecord record, JsonElement element, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw record.Error($"{where} is {RecordFields.Describe(element)}; expected an object with a role and a content");
        if (!element.TryGet("role", out var role) && !element.TryGet("from", out role))
            throw record.Error($"{where} has neither 'role' nor 'from'; expected {{\"role\", \"content\"}} or {{\"from\", \"value\"}}");
        if (role.ValueKind != JsonValueKind.String || role.ValueEquals(""u8))
            throw record.Error($"{where} has a role that is {RecordFields.Describe(role)}; expected a text such as user or assistant");
        return role.GetString() switch
        {
            "human" => "user",
            "gpt" => "assistant",
            "observation" => "tool",
            var name => name!,
        };
    }

    /// <summary>A text: a string, or a list of text parts, which are joined.</summary>
    public static string ReadText(JsonRecord record, JsonElement content, string where)
    {
        if (content.ValueKind == JsonValueKind.String)
            return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array)
            throw record.Error($"{where} has a content that is {RecordFields.Describe(content)}; expected a text");
        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
            text.Append(ReadPart(record, part, where));
        return text.ToString();
    }

    /// <summary>A message of the assistant with nothing but text.</summary>
    public static JsonObject Assistant(string text) => new() { ["role"] = "assistant", ["content"] = text };

    private static string ReadPart(JsonRecord record, JsonElement part, string where)
    {
        if (part.ValueKind == JsonValueKind.String)
            return part.GetString()!;
        if (part.TryGet("type", out var type) && !(type.ValueKind == JsonValueKind.String && type.ValueEquals("text"u8)))
            throw record.Error($"{where} has a part of type {type.GetRawText()}, which is not supported yet; expected text alone");
        if (part.TryGet("text", out var text) && text.ValueKind == JsonValueKind.String)
            return text.GetString()!;
        throw record.Error($"{where} has a content part that is {RecordFields.Describe(part)}; expected {{\"text\": \"...\"}}");
    }

    private static JsonElement Content(JsonElement message) =>
        message.TryGet("content", out var content) || message.TryGet("value", out content) ? content : default;

    /// <summary>ShareGPT writes the calls as JSON in the turn's text: <c>{"name", "arguments"}</c> or a list of these.</summary>
    private static JsonObject ToolCalls(JsonRecord record, JsonElement content, string where)
    {
        if (content.ValueKind != JsonValueKind.String)
            throw record.Error($"{where} is a function_call without text; expected the call as JSON: {{\"name\", \"arguments\"}}");
        try
        {
            using var document = JsonDocument.Parse(content.GetString()!);
            var calls = new JsonArray();
            foreach (var call in document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : new[] { document.RootElement })
                calls.Add((JsonNode)new JsonObject { ["type"] = "function", ["function"] = Function(call) });
            return new JsonObject { ["role"] = "assistant", ["content"] = "", ["tool_calls"] = calls };
        }
        catch (JsonException e)
        {
            throw record.Error($"{where} is a function_call whose text is not a call; expected JSON with a name and arguments: {{\"name\", \"arguments\"}}", e);
        }
    }

    private static JsonObject Function(JsonElement call)
    {
        if (!call.TryGet("name", out var name) || name.ValueKind != JsonValueKind.String)
            throw new JsonException("a call has no name");
        return new JsonObject { ["name"] = name.GetString(), ["arguments"] = call.TryGet("arguments", out var arguments) ? RecordFields.ToNode(arguments) : new JsonObject() };
    }

    /// <summary>The weights say which turns the language-model loss counts; only what is done anyway is accepted.</summary>
    private static void CheckLossWeight(JsonRecord record, JsonElement element, string role, string where)
    {
        var usual = role == "assistant" ? 1.0 : 0.0;
        if (element.TryGet("loss_weight", out var weight) && !(weight.ValueKind == JsonValueKind.Number && weight.GetDouble() == usual))
            throw record.Error($"{where} has 'loss_weight' {weight.GetRawText()}; for {role} only the default, {usual:0.0}, is supported yet: remove the key");
    }
}
