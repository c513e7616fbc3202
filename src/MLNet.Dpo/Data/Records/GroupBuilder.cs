using System.Text.Json.Nodes;

namespace MLNet.Dpo.Data.Records;

/// <summary>Makes groups of what the formats have read, with the checks that hold for all of them.</summary>
internal sealed class GroupBuilder(bool allowEmptyResponses)
{
    private static readonly float[] PairScores = [1f, 0f];
    private static readonly float[] ExampleScores = [1f];

    /// <summary>A pair after a conversation.</summary>
    public PreferenceGroup Pair(JsonRecord record, IReadOnlyList<JsonObject> prompt, IReadOnlyList<JsonObject> chosen, IReadOnlyList<JsonObject> rejected) =>
        new(Prompt(record, prompt), [Response(record, chosen, "chosen"), Response(record, rejected, "rejected")], PairScores);

    /// <summary>A pair of plain texts after a plain text, which may be empty.</summary>
    public PreferenceGroup Pair(JsonRecord record, string prompt, string chosen, string rejected) =>
        new(prompt, [CheckText(record, chosen, "chosen"), CheckText(record, rejected, "rejected")], PairScores);

    /// <summary>A plain example: one response, which is good.</summary>
    public PreferenceGroup Example(JsonRecord record, IReadOnlyList<JsonObject> prompt, IReadOnlyList<JsonObject> response, string name) =>
        new(Prompt(record, prompt), [Response(record, response, name)], ExampleScores);

    /// <summary>A conversation that asks for an answer.</summary>
    public static string Prompt(JsonRecord record, IReadOnlyList<JsonObject> messages) => messages.Count > 0
        ? MessageText.OfPrompt(messages)
        : throw record.Error("there is no prompt: no message comes before the answer; expected at least a user's message");

    /// <summary>An answer: it begins with a turn of the assistant.</summary>
    public string Response(JsonRecord record, IReadOnlyList<JsonObject> messages, string name)
    {
        var first = (string?)messages[0]["role"];
        if (first != "assistant")
            throw record.Error($"'{name}' begins with a message of '{first}'; expected the assistant's (the prompt belongs in the prompt alone, or at the beginning of both answers)");
        if (messages is [{ Count: 2 } only])
            CheckText(record, (string?)only["content"] ?? "", name);
        return MessageText.OfResponse(messages);
    }

    private string CheckText(JsonRecord record, string text, string name) => text.Length > 0 || allowEmptyResponses
        ? text
        : throw record.Error($"'{name}' is an empty text; expected an answer: fill it, remove the record, or set AllowEmptyResponses");
}
