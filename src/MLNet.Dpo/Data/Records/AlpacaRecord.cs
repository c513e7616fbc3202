using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Alpaca records: an instruction, an input after it, earlier turns as <c>history</c> of [instruction, answer]; and an answer or two.
/// The instruction may also be called <c>query</c>, the answer <c>response</c>.
/// </summary>
internal sealed class AlpacaRecord(GroupBuilder groups, PairJoiner joiner)
{
    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var root = record.Root;
        var (prompt, isText) = ReadPrompt(record);
        var answer = root.FirstOf("output", "response", "completion") ?? "output";
        if (AnswerKeys.Find(root) is { } keys)
        {
            if (keys.IsRejectedAlone(root) && root.Has(answer))
                return groups.Pair(record, SystemText.Before(record, prompt), ReadAnswer(record, answer), keys.ReadRejected(record));
            var (chosen, rejected) = (keys.ReadChosen(record), keys.ReadRejected(record));
            var areTexts = chosen is [{ PlainText: not null, Role: "assistant" }] && rejected is [{ PlainText: not null, Role: "assistant" }];
            return joiner.Join(record, new Prompt(prompt, isText), chosen, rejected, areTexts);
        }
        var messages = SystemText.Before(record, prompt);
        if (root.TryGet(answer, out var output) && output.ValueKind == JsonValueKind.Array && output.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String))
            return ReadTwo(record, messages, answer);
        return groups.Example(record, messages, ReadAnswer(record, answer), answer);
    }

    private static List<SourceMessage> ReadAnswer(JsonRecord record, string name) => record.TryRead(name, out var answer)
        ? ResponseReader.Read(record, answer, $"'{name}'")
        : throw record.Error($"'{name}' is missing; expected '{name}', or both 'chosen' and 'rejected', beside 'instruction'");

    /// <summary>Two outputs are a pair, the better one first.</summary>
    private PreferenceGroup ReadTwo(JsonRecord record, List<SourceMessage> prompt, string name)
    {
        record.TryRead(name, out var answers);
        if (answers.GetArrayLength() != 2)
            throw record.Error($"'{name}' is a list of {answers.GetArrayLength()}; expected one answer, or a list of two, the better one first");
        return groups.Pair(record, prompt, ResponseReader.Read(record, answers[0], $"the first of '{name}'"), ResponseReader.Read(record, answers[1], $"the second of '{name}'"));
    }

    private static (List<SourceMessage> Messages, bool IsText) ReadPrompt(JsonRecord record)
    {
        var name = record.Root.Has("instruction") || !record.Root.Has("query") ? "instruction" : "query";
        var instruction = record.ReadTextOrNull(name) ?? throw record.Error($"'{name}' is missing; expected a text");
        var messages = new List<SourceMessage>();
        if (record.TryReadList("history", out var history))
            ReadHistory(record, history, messages);
        messages.Add(SourceMessage.Plain("user", PromptReader.Join(instruction, record.ReadTextOrNull("input"))));
        return (messages, messages.Count == 1);
    }

    private static void ReadHistory(JsonRecord record, JsonElement history, List<SourceMessage> messages)
    {
        if (history.ValueKind != JsonValueKind.Array)
            throw record.Error($"'history' is {RecordFields.Describe(history)}; expected a list of [instruction, answer]");
        foreach (var turn in history.EnumerateArray())
        {
            if (turn.ValueKind != JsonValueKind.Array || turn.GetArrayLength() != 2 || turn.EnumerateArray().Any(text => text.ValueKind != JsonValueKind.String))
                throw record.Error("'history' has a turn that is not [instruction, answer], two texts");
            messages.Add(SourceMessage.Plain("user", turn[0].GetString()!));
            messages.Add(SourceMessage.Plain("assistant", turn[1].GetString()!));
        }
    }
}
