using System.Text;
using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Reads chat messages into the form that chat templates take: <c>role</c>, <c>content</c>, then all other keys as they were.
/// ShareGPT's <c>from</c>/<c>value</c> and role names are translated; keys whose value is null are left out.
/// </summary>
internal static class MessageReader
{
    private static readonly string[] OwnKeys = ["role", "from", "content", "value", "chosen", "rejected", "loss_weight"];

    /// <summary>Reads a list of messages.</summary>
    public static List<SourceMessage> ReadList(JsonRecord record, JsonElement list, string where)
    {
        if (list.ValueKind != JsonValueKind.Array)
            throw record.Error($"'{where}' is {RecordFields.Describe(list)}; expected a list of messages");
        var messages = new List<SourceMessage>();
        foreach (var element in list.EnumerateArray())
            messages.Add(Read(record, element, $"message {messages.Count + 1} of '{where}'"));
        return messages;
    }

    /// <summary>Reads one message.</summary>
    public static SourceMessage Read(JsonRecord record, JsonElement element, string where)
    {
        var role = ReadRole(record, element, where);
        CheckOwnKeys(record, element, where);
        var weight = ReadLossWeight(record, element, where);
        var content = Content(element);
        if (role == "function_call")
            return ToolCalls(record, content, where).Weighing(weight);
        if (content.ValueKind == JsonValueKind.Undefined && !element.Has("tool_calls"))
            throw record.Error($"{where} has no 'content'; expected a text");
        var text = content.ValueKind == JsonValueKind.Undefined ? null : ReadText(record, content, where);
        var others = Others(element);
        if (HasTemplateForm(element, role, others.Count))
        {
            DecodeAll(element);
            return SourceMessage.Source(role, others.Count == 0 ? text : null, element);
        }
        return (others.Count == 0 ? SourceMessage.Plain(role, text!) : SourceMessage.Rewritten(role, element.Has("tool_calls"), Rewrite(role, text, others))).Weighing(weight);
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
        return TemplateRoles.Find(role.GetString()!) ?? throw record.Error($"{where} has the unknown role '{role.GetString()}'; expected {TemplateRoles.Expected}");
    }

    /// <summary>Who speaks and what is said have one name each; answers stand in the last message alone.</summary>
    private static void CheckOwnKeys(JsonRecord record, JsonElement element, string where)
    {
        foreach (var (first, second) in new[] { ("role", "from"), ("content", "value") })
        {
            if (element.TryGet(first, out var one) && element.TryGet(second, out var other) && !JsonElement.DeepEquals(one, other))
                throw record.Error($"{where} has both '{first}' and '{second}', which differ; expected one of them");
        }
        foreach (var name in new[] { "chosen", "rejected" })
        {
            if (element.HasContent(name, out var description))
                throw record.Error($"{where} has '{name}', {description}, which would be lost; expected it in the last message, or beside the messages");
        }
    }

    /// <summary>A text: a string, or a list of text parts, which are joined.</summary>
    public static string ReadText(JsonRecord record, JsonElement content, string where)
    {
        if (content.ValueKind == JsonValueKind.String)
            return content.GetString()!;
        if (content.ValueKind != JsonValueKind.Array)
            throw record.Error($"{where} has a content that is {RecordFields.Describe(content)}; expected a text");
        if (content.GetArrayLength() != 1 && content.EnumerateArray().Any(part => part.ValueKind == JsonValueKind.Object && !part.Has("type")))
            throw record.Error($"{where} has a content of {content.GetArrayLength()} texts; expected one ([{{\"text\": \"...\"}}]): only the last message may have several answers");
        var text = new StringBuilder();
        foreach (var part in content.EnumerateArray())
            text.Append(ReadPart(record, part, where));
        return text.ToString();
    }

    /// <summary>What a message has besides a role and a text; of a key that is given twice the last counts.</summary>
    private static Dictionary<string, JsonElement> Others(JsonElement element)
    {
        var others = new Dictionary<string, JsonElement>();
        foreach (var property in element.EnumerateObject())
        {
            if (!OwnKeys.Contains(property.Name) && property.Value.ValueKind != JsonValueKind.Null)
                others[property.Name] = property.Value;
        }
        return others;
    }

    /// <summary>Whether a message is written as chat templates take it: each key once, no null, the role under its own name, the content a text.</summary>
    private static bool HasTemplateForm(JsonElement element, string role, int others)
    {
        var own = 0;
        foreach (var property in element.EnumerateObject())
        {
            if (HasNull(property.Value))
                return false;
            if (!OwnKeys.Contains(property.Name))
                continue;
            own++;
            if (!(property.NameEquals("role"u8) && property.Value.ValueEquals(role)) && !(property.NameEquals("content"u8) && property.Value.ValueKind == JsonValueKind.String))
                return false;
        }
        return own == (element.Has("content") ? 2 : 1) && element.EnumerateObject().Count() == own + others;
    }

    /// <summary>Decodes every text, so that an escape that is no character is found here, where the record is known.</summary>
    private static void DecodeAll(JsonElement element)
    {
        if (!element.GetRawText().Contains("\\u", StringComparison.Ordinal))
            return;
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) DecodeAll(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    DecodeAll(property.Value);
                }
                break;
        }
    }

    private static string Rewrite(string role, string? text, Dictionary<string, JsonElement> others) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        if (text is not null)
            writer.WriteString("content", text);
        foreach (var (name, value) in others)
        {
            writer.WritePropertyName(name);
            WriteWithoutNulls(writer, value);
        }
        writer.WriteEndObject();
    });

    /// <summary>Whether a value is null, or an object somewhere in it has a key that is: tables fill in the keys that other rows have.</summary>
    private static bool HasNull(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Object => value.EnumerateObject().Any(property => HasNull(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.Null && HasNull(item)),
        _ => false,
    };

    /// <summary>Writes a value without the keys, at any depth, whose value is null.</summary>
    public static void WriteWithoutNulls(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null))
                {
                    writer.WritePropertyName(property.Name);
                    WriteWithoutNulls(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) WriteWithoutNulls(writer, item);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

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
    private static SourceMessage ToolCalls(JsonRecord record, JsonElement content, string where)
    {
        if (content.ValueKind != JsonValueKind.String)
            throw record.Error($"{where} is a function_call without text; expected the call as JSON: {{\"name\", \"arguments\"}}");
        try
        {
            using var document = JsonDocument.Parse(content.GetString()!);
            var root = document.RootElement;
            var calls = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root];
            return SourceMessage.Rewritten("assistant", callsTools: true, JsonText.Write(writer => WriteCalls(writer, calls)));
        }
        catch (JsonException e)
        {
            throw record.Error($"{where} is a function_call whose text is not a call; expected JSON with a name and arguments: {{\"name\", \"arguments\"}}", e);
        }
    }

    private static void WriteCalls(Utf8JsonWriter writer, IEnumerable<JsonElement> calls)
    {
        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        writer.WriteString("content", "");
        writer.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            if (!call.TryGet("name", out var name) || name.ValueKind != JsonValueKind.String)
                throw new JsonException("a call has no name");
            writer.WriteStartObject();
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", name.GetString());
            writer.WritePropertyName("arguments");
            WriteArguments(writer, call);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Templates take the arguments as an object; they may be written as its JSON text.</summary>
    private static void WriteArguments(Utf8JsonWriter writer, JsonElement call)
    {
        if (!call.TryGet("arguments", out var arguments))
            writer.WriteRawValue("{}");
        else if (arguments.ValueKind == JsonValueKind.String && arguments.GetString()!.AsSpan().TrimStart() is ['{', ..])
            writer.WriteRawValue(arguments.GetString()!);
        else
            arguments.WriteTo(writer);
    }

    /// <summary>The weight of a message in the language-model loss; null where it is not given.</summary>
    internal static float? ReadLossWeight(JsonRecord record, JsonElement element, string where)
    {
        if (!element.TryGet("loss_weight", out var weight))
            return null;
        return weight.ValueKind == JsonValueKind.Number && weight.TryGetSingle(out var value) && value is >= 0 and <= 1
            ? value
            : throw record.Error($"{where} has 'loss_weight' {weight.GetRawText()}; expected a number from 0 to 1");
    }
}
