using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Reads a prompt that is a text (one user turn), a message, or a list of messages, under any of the names that data sets give it.</summary>
internal static class PromptReader
{
    private static readonly string[] Keys = ["prompt", "question", "query", "instruction"];

    /// <summary>The key of the record's prompt: one of the usual ones, or <c>input</c> where there is no other.</summary>
    public static string KeyOf(JsonElement root) => root.FirstOf(Keys) ?? (root.Has("input") ? "input" : "prompt");

    /// <summary>Reads the prompt, with an <c>input</c> that follows a text; null when there is none.</summary>
    public static Prompt? Read(JsonRecord record)
    {
        var name = KeyOf(record.Root);
        if (!record.TryRead(name, out var value))
            return null;
        if (name == "input" && value.TryGet("messages", out var messages))
            return new Prompt(MessageReader.ReadList(record, CheckInput(record, value, messages), "messages"), IsText: false);
        return value.ValueKind switch
        {
            JsonValueKind.String => new Prompt([SourceMessage.Plain("user", WithInput(record, name, value.GetString()!))], IsText: true),
            JsonValueKind.Object => new Prompt([MessageReader.Read(record, value, $"'{name}'")], IsText: false),
            JsonValueKind.Array when value.GetArrayLength() > 0 => new Prompt(MessageReader.ReadList(record, value, name), IsText: false),
            _ => throw record.Error($"'{name}' is {RecordFields.Describe(value)}; expected a text or a list of messages"),
        };
    }

    /// <summary>An instruction and what it is about, as Alpaca joins them.</summary>
    public static string Join(string instruction, string? input) =>
        string.IsNullOrEmpty(input) ? instruction : instruction.Length == 0 ? input : $"{instruction}\n{input}";

    private static string WithInput(JsonRecord record, string name, string text) => name == "input" ? text : Join(text, record.ReadTextOrNull("input"));

    /// <summary>OpenAI's preference data have the conversation in <c>input</c>, with the tools (which <see cref="TemplateKeys"/> reads) beside it.</summary>
    private static JsonElement CheckInput(JsonRecord record, JsonElement input, JsonElement messages)
    {
        foreach (var property in input.EnumerateObject().Where(property => property.Name is not ("messages" or "tools" or "parallel_tool_calls")))
        {
            if (input.HasContent(property.Name, out var description))
                throw record.Error($"'{property.Name}' in 'input' is {description}, which is not supported yet; expected it empty or absent");
        }
        return messages;
    }
}

/// <summary>A prompt as a record states it.</summary>
/// <param name="Messages">Its messages.</param>
/// <param name="IsText">Whether it was written as a text, which is one user's turn.</param>
internal sealed record Prompt(List<SourceMessage> Messages, bool IsText);
