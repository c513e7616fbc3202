using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Records with a conversation, under <c>conversations</c> (ShareGPT) or <c>messages</c>. The answers stand beside it, in its last turn
/// (the same keys, or scored contents), or the last turn is a plain example's answer; with a rejected answer alone beside it, it is the chosen one.
/// </summary>
internal sealed class ConversationRecord(GroupBuilder groups, PairJoiner joiner)
{
    /// <summary>Reads a record whose conversation is in field <paramref name="key"/>.</summary>
    public PreferenceGroup Read(JsonRecord record, string key)
    {
        if (!record.TryRead(key, out var turns) || turns.ValueKind != JsonValueKind.Array || turns.GetArrayLength() == 0)
            throw record.Error($"'{key}' is {(record.Root.TryGetProperty(key, out var given) ? RecordFields.Describe(given) : "missing")}; expected a list of messages");
        if (AnswerKeys.Find(record.Root) is { } keys)
            return ReadPairBeside(record, turns, key, keys);
        var last = turns[turns.GetArrayLength() - 1];
        if (last.Has("chosen") || last.Has("rejected"))
            return ReadPairInLast(record, Before(record, turns, key), last);
        var prompt = SystemText.Before(record, Before(record, turns, key));
        return ScoredContents.IsScored(last) ? ScoredContents.Read(record, prompt, last, groups) : ReadExample(record, prompt, last, key);
    }

    private PreferenceGroup ReadPairBeside(JsonRecord record, JsonElement turns, string key, AnswerKeys keys)
    {
        var messages = MessageReader.ReadList(record, turns, key);
        if (keys.IsRejectedAlone(record.Root) && messages is [.., { Role: "assistant" }])
        {
            var other = keys.ReadRejected(record);
            // A whole conversation, or what the assistant says instead.
            return other[0].Role == "assistant"
                ? groups.Pair(record, SystemText.Before(record, messages[..^1]), messages[^1..], other)
                : joiner.Join(record, null, messages, other, areTexts: false);
        }
        return JoinChecked(record, messages, keys.ReadChosen(record), keys.ReadRejected(record));
    }

    private PreferenceGroup ReadPairInLast(JsonRecord record, List<SourceMessage> prompt, JsonElement last)
    {
        if (MessageReader.ReadRole(record, last, "the last message") is not "assistant" and var role)
            throw record.Error($"the last message, which has 'chosen' and 'rejected', is of '{role}'; expected the assistant");
        if (last.HasContent("content", out var content) || last.HasContent("value", out content))
            throw record.Error($"the last message has 'chosen' and 'rejected', and a content that is {content}, which would be lost; expected the answers alone");
        List<SourceMessage> Answer(string name) => last.TryGet(name, out var answer)
            ? ResponseReader.Read(record, answer, $"'{name}'")
            : throw record.Error($"'{name}' is missing; expected both 'chosen' and 'rejected': add it or remove the record");
        return JoinChecked(record, prompt, Answer("chosen"), Answer("rejected"));
    }

    private PreferenceGroup JoinChecked(JsonRecord record, List<SourceMessage> prompt, List<SourceMessage> chosen, List<SourceMessage> rejected)
    {
        if (prompt is [.., { Role: "assistant", CallsTools: false }])
            throw record.Error("the conversation ends with the assistant's turn, yet 'chosen' and 'rejected' follow; expected a user's (or tool's) turn before them");
        return joiner.Join(record, new Prompt(prompt, IsText: false), chosen, rejected, areTexts: false);
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
