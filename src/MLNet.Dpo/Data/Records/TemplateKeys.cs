using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// What a record gives the chat template beside its messages: <c>tools</c> (a list, or its JSON text), <c>chat_template_kwargs</c> (an object, or its JSON text) and
/// <c>enable_thinking</c>, in whatever layout the rest is.
/// </summary>
internal static class TemplateKeys
{
    private const string ToolsKey = "tools", ArgumentsKey = "chat_template_kwargs", ThinkingKey = "enable_thinking";

    /// <summary>The group with what these keys say.</summary>
    /// <exception cref="PreferenceDataException">One of them holds something else.</exception>
    public static PreferenceGroup Read(JsonRecord record, PreferenceGroup group) => group with { Tools = ReadTools(record), ChatTemplateArguments = ReadArguments(record) };

    private static string ReadTools(JsonRecord record)
    {
        using var beside = ReadJson(record, record.Root, ToolsKey, JsonValueKind.Array, "a list of tools");
        using var within = record.Root.TryGet("input", out var input) ? ReadJson(record, input, ToolsKey, JsonValueKind.Array, "a list of tools") : null;
        record.TryRead(ToolsKey, out _);
        var tools = (beside ?? within)?.RootElement;
        if (tools is not { } list)
            return "";
        if (beside is not null && within is not null)
            throw record.Error("'tools' stands beside 'input' and in it; expected it in one place");
        if (list.EnumerateArray().FirstOrDefault(tool => tool.ValueKind != JsonValueKind.Object) is { ValueKind: not JsonValueKind.Undefined } other)
            throw record.Error($"'tools' has an item that is {RecordFields.Describe(other)}; expected an object such as {{\"type\": \"function\", \"function\": {{\"name\", \"parameters\"}}}}");
        return Written(list);
    }

    private static string ReadArguments(JsonRecord record)
    {
        using var arguments = ReadJson(record, record.Root, ArgumentsKey, JsonValueKind.Object, "an object of variables");
        record.TryRead(ArgumentsKey, out _);
        if (!record.TryRead(ThinkingKey, out var thinking))
            return arguments is null ? "" : Written(arguments.RootElement);
        if (thinking.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw record.Error($"'{ThinkingKey}' is {RecordFields.Describe(thinking)}; expected true or false");
        if (arguments is not null && arguments.RootElement.TryGet(ThinkingKey, out var other) && other.ValueKind != thinking.ValueKind)
            throw record.Error($"'{ThinkingKey}' is {thinking.GetRawText()}, but {other.GetRawText()} in '{ArgumentsKey}'; expected it in one place");
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            if (arguments is not null)
            {
                foreach (var argument in arguments.RootElement.EnumerateObject().Where(argument => argument.Name != ThinkingKey && argument.Value.ValueKind != JsonValueKind.Null))
                {
                    writer.WritePropertyName(argument.Name);
                    MessageReader.WriteWithoutNulls(writer, argument.Value);
                }
            }
            writer.WriteBoolean(ThinkingKey, thinking.ValueKind == JsonValueKind.True);
            writer.WriteEndObject();
        });
    }

    /// <summary>A value of a kind, or the JSON text of one; null where it is absent or empty.</summary>
    private static JsonDocument? ReadJson(JsonRecord record, JsonElement holder, string name, JsonValueKind kind, string expected)
    {
        if (!holder.HasContent(name, out var description))
            return null;
        holder.TryGet(name, out var value);
        var isText = value.ValueKind == JsonValueKind.String;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(isText ? value.GetString()! : value.GetRawText());
        }
        catch (JsonException e)
        {
            throw record.Error($"'{name}' is a text that is not JSON; expected {expected}, or its JSON text", e);
        }
        if (document.RootElement.ValueKind == kind)
            return document;
        document.Dispose();
        throw record.Error($"'{name}' is {(isText ? "the JSON text of something else" : description)}; expected {expected}, or its JSON text");
    }

    private static string Written(JsonElement value) => JsonText.Write(writer => MessageReader.WriteWithoutNulls(writer, value));
}
