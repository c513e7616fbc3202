using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>Records with a prompt, stated or implicit, and two answers beside it, each a text or a list of messages; or with a prompt and one completion.</summary>
internal sealed class TrlRecord(GroupBuilder groups, PairJoiner joiner)
{
    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var keys = AnswerKeys.Find(record.Root);
        if (keys is null && record.Root.Has("completion"))
            return ReadExample(record);
        keys ??= new AnswerKeys("chosen", "rejected");
        var (chosen, rejected) = (keys.ReadChosen(record), keys.ReadRejected(record));
        var areTexts = IsText(record, keys.Chosen);
        if (areTexts != IsText(record, keys.Rejected))
            throw record.Error($"of '{keys.Chosen}' and '{keys.Rejected}' one is a text and the other messages; expected both alike");
        return joiner.Join(record, PromptReader.Read(record), chosen, rejected, areTexts);
    }

    private PreferenceGroup ReadExample(JsonRecord record)
    {
        var prompt = PromptReader.Read(record) ?? throw record.Error("'prompt' is missing; expected a text or a list of messages");
        record.TryRead("completion", out var completion);
        return groups.Example(record, SystemText.Before(record, prompt.Messages), ResponseReader.Read(record, completion, "'completion'"), "completion");
    }

    private static bool IsText(JsonRecord record, string name) => record.TryRead(name, out var value) && value.ValueKind == JsonValueKind.String;
}
