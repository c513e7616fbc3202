using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Alpaca records: an instruction, an input after it, earlier turns as <c>history</c> of [instruction, answer]; and an answer or two.</summary>
internal sealed class AlpacaRecord(GroupBuilder groups)
{
    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var root = record.Root;
        var prompt = ReadPrompt(record);
        if (root.Has("chosen") || root.Has("rejected"))
            return groups.Pair(record, prompt, ResponseReader.ReadField(record, root, "chosen"), ResponseReader.ReadField(record, root, "rejected"));
        if (root.TryGet("output", out var output))
            return groups.Example(record, prompt, ResponseReader.Read(record, output, "'output'"), "output");
        throw record.Error("'output' is missing; expected 'output', or both 'chosen' and 'rejected', beside 'instruction'");
    }

    private static List<SourceMessage> ReadPrompt(JsonRecord record)
    {
        var instruction = record.GetTextOrNull("instruction") ?? throw record.Error("'instruction' is missing; expected a text");
        var input = record.GetTextOrNull("input");
        var messages = new List<SourceMessage>();
        if (record.Root.TryGet("history", out var history))
            ReadHistory(record, history, messages);
        messages.Add(SourceMessage.Plain("user", string.IsNullOrEmpty(input) ? instruction : instruction.Length == 0 ? input : $"{instruction}\n{input}"));
        return ConversationRecord.WithSystem(messages, record.GetTextOrNull("system"));
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
