using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Records as TRL takes them: <c>prompt</c>, <c>chosen</c>, <c>rejected</c> as texts or lists of messages, the prompt stated or implicit
/// (trl.data_utils, <c>maybe_extract_prompt</c>).
/// </summary>
internal sealed class TrlRecord(GroupBuilder groups)
{
    /// <summary>Reads a record.</summary>
    public PreferenceGroup Read(JsonRecord record)
    {
        var root = record.Root;
        var promptKey = root.Has("prompt") || !root.Has("question") ? "prompt" : "question";
        if (!root.Has("chosen") && !root.Has("rejected") && root.Has("completion"))
            return ReadExample(record, promptKey);
        var chosen = ResponseReader.ReadField(record, root, "chosen");
        var rejected = ResponseReader.ReadField(record, root, "rejected");
        var texts = IsText(root, "chosen");
        if (texts != IsText(root, "rejected"))
            throw record.Error("of 'chosen' and 'rejected' one is a text and the other messages; expected both alike");
        var prompt = PromptReader.Read(record, promptKey);
        if (prompt is null)
            return texts ? SplitTexts(record) : SplitMessages(record, chosen, rejected);
        return texts ? groups.Pair(record, prompt, chosen, rejected) : JoinMessages(record, prompt, IsText(root, promptKey), chosen, rejected);
    }

    private PreferenceGroup ReadExample(JsonRecord record, string promptKey)
    {
        var prompt = PromptReader.Read(record, promptKey) ?? throw record.Error("'prompt' is missing; expected a text or a list of messages");
        return groups.Example(record, prompt, ResponseReader.ReadField(record, record.Root, "completion"), "completion");
    }

    /// <summary>
    /// Both answers may begin with the prompt that is also given apart; it counts once. A prompt that is a text beside answers that begin with
    /// the user's messages says the same in short: the messages are the prompt.
    /// </summary>
    private PreferenceGroup JoinMessages(JsonRecord record, List<SourceMessage> prompt, bool promptIsText, List<SourceMessage> chosen, List<SourceMessage> rejected)
    {
        if (promptIsText && !IsAssistants(chosen) && !IsAssistants(rejected))
            return SplitMessages(record, chosen, rejected);
        var repeated = CommonPrefix.Length(prompt, chosen) == prompt.Count && CommonPrefix.Length(prompt, rejected) == prompt.Count
            && chosen.Count > prompt.Count && rejected.Count > prompt.Count;
        return repeated
            ? groups.Pair(record, prompt, chosen[prompt.Count..], rejected[prompt.Count..])
            : groups.Pair(record, prompt, chosen, rejected);
    }

    private PreferenceGroup SplitMessages(JsonRecord record, List<SourceMessage> chosen, List<SourceMessage> rejected)
    {
        var length = CommonPrefix.PromptLength(chosen, rejected);
        if (length == 0)
            throw record.Error("'prompt' is missing, and 'chosen' and 'rejected' have no common first message; expected a prompt, or answers that both begin with it");
        return groups.Pair(record, ConversationRecord.WithSystem(chosen[..length], record.GetTextOrNull("system")), chosen[length..], rejected[length..]);
    }

    private PreferenceGroup SplitTexts(JsonRecord record)
    {
        var (chosen, rejected) = (record.Root.GetProperty("chosen").GetString()!, record.Root.GetProperty("rejected").GetString()!);
        var length = CommonPrefix.PromptLength(chosen, rejected);
        return groups.Pair(record, [SourceMessage.Plain("user", chosen[..length])], [SourceMessage.Plain("assistant", chosen[length..])], [SourceMessage.Plain("assistant", rejected[length..])]);
    }

    private static bool IsAssistants(List<SourceMessage> messages) => messages[0].Role == "assistant";

    private static bool IsText(JsonElement root, string name) => root.GetProperty(name).ValueKind == JsonValueKind.String;
}
