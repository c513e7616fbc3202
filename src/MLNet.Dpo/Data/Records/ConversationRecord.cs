using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Records with a conversation, under <c>conversations</c> (ShareGPT) or <c>messages</c>. The answers stand beside it
/// (<c>chosen</c>, <c>rejected</c>), in its last turn (the same keys, or scored contents), or the last turn is a plain example's answer.
/// </summary>
internal sealed class ConversationRecord(GroupBuilder groups)
{
    /// <summary>Reads a record whose conversation is in field <paramref name="key"/>.</summary>
    public PreferenceGroup Read(JsonRecord record, string key)
    {
        if (!record.Root.TryGet(key, out var turns) || turns.ValueKind != JsonValueKind.Array || turns.GetArrayLength() == 0)
            throw record.Error($"'{key}' is {(record.Root.TryGetProperty(key, out var given) ? RecordFields.Describe(given) : "missing")}; expected a list of messages");
        var system = record.GetTextOrNull("system");
        if (record.Root.Has("chosen") || record.Root.Has("rejected"))
            return ReadPair(record, WithSystem(MessageReader.ReadList(record, turns, key), system), record.Root);
        var last = turns[turns.GetArrayLength() - 1];
        var prompt = WithSystem(Before(record, turns, key), system);
        if (last.Has("chosen") || last.Has("rejected"))
            return ReadPair(record, prompt, last);
        return ScoredContents.IsScored(last) ? ScoredContents.Read(record, prompt, last, groups) : ReadExample(record, prompt, last, key);
    }

    /// <summary>The conversation with <paramref name="system"/> before it, unless it has a system message of its own, which goes first.</summary>
    public static List<SourceMessage> WithSystem(List<SourceMessage> messages, string? system)
    {
        if (!string.IsNullOrEmpty(system) && (messages.Count == 0 || messages[0].Role != "system"))
            messages.Insert(0, SourceMessage.Plain("system", system));
        return messages;
    }

    private PreferenceGroup ReadPair(JsonRecord record, List<SourceMessage> prompt, JsonElement owner)
    {
        var chosen = ResponseReader.ReadField(record, owner, "chosen");
        var rejected = ResponseReader.ReadField(record, owner, "rejected");
        if (prompt is [.., { Role: "assistant", CallsTools: false }])
            throw record.Error("the conversation ends with the assistant's turn, yet 'chosen' and 'rejected' follow; expected a user's (or tool's) turn before them");
        return groups.Pair(record, prompt, chosen, rejected);
    }

    private PreferenceGroup ReadExample(JsonRecord record, List<SourceMessage> prompt, JsonElement last, string key)
    {
        var answer = MessageReader.Read(record, last, $"the last message of '{key}'");
        if (answer.Role != "assistant")
            throw record.Error($"'chosen' and 'rejected' are missing, and the last message is of '{answer.Role}'; expected a pair of answers, or a last message of the assistant");
        return groups.Example(record, prompt, [answer], key);
    }

    private static List<SourceMessage> Before(JsonRecord record, JsonElement turns, string key)
    {
        var messages = new List<SourceMessage>();
        foreach (var turn in turns.EnumerateArray().Take(turns.GetArrayLength() - 1))
            messages.Add(MessageReader.Read(record, turn, $"message {messages.Count + 1} of '{key}'"));
        return messages;
    }
}
