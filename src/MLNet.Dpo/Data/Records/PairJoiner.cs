namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Makes a pair of a prompt and two answers, each of which may hold the prompt again (trl.data_utils, <c>maybe_extract_prompt</c>): it counts once.
/// </summary>
internal sealed class PairJoiner(GroupBuilder groups, bool implicitPrompt)
{
    // A shorter one ("Hi", "Yes") may well begin an answer too.
    private const int LongPrompt = 16;

    /// <summary>A pair with the prompt that is stated; where none is, the answers' common beginning.</summary>
    public PreferenceGroup Join(JsonRecord record, Prompt? prompt, List<SourceMessage> chosen, List<SourceMessage> rejected, bool areTexts)
    {
        if (areTexts && Transcript.Is(chosen[0].PlainText!) && Transcript.Is(rejected[0].PlainText!))
            return Join(record, OfTranscript(prompt), Transcript.Read(chosen[0].PlainText!), Transcript.Read(rejected[0].PlainText!), areTexts: false);
        if (prompt is null)
            return areTexts ? SplitTexts(record, chosen[0].PlainText!, rejected[0].PlainText!) : SplitMessages(record, chosen, rejected);
        if (areTexts)
            CheckNotRepeated(record, prompt, chosen, rejected);
        else if (prompt.IsText && chosen[0].Role != "assistant" && rejected[0].Role != "assistant")
            return SplitMessages(record, chosen, rejected, prompt.Messages[0].PlainText);
        var length = prompt.Messages.Count;
        var repeated = CommonPrefix.Length(prompt.Messages, chosen) == length && CommonPrefix.Length(prompt.Messages, rejected) == length
            && chosen.Count > length && rejected.Count > length;
        return repeated ? Pair(record, prompt.Messages, chosen[length..], rejected[length..]) : Pair(record, prompt.Messages, chosen, rejected);
    }

    private static Prompt? OfTranscript(Prompt? prompt)
    {
        if (prompt is not { IsText: true } || !Transcript.Is(prompt.Messages[0].PlainText!))
            return prompt;
        var turns = Transcript.Read(prompt.Messages[0].PlainText!);
        return new Prompt(turns is [.., { Role: "assistant", PlainText: "" }] ? turns[..^1] : turns, IsText: false);
    }

    private static void CheckNotRepeated(JsonRecord record, Prompt prompt, List<SourceMessage> chosen, List<SourceMessage> rejected)
    {
        if (prompt is { IsText: true } && prompt.Messages[0].PlainText!.Trim() is { Length: >= LongPrompt } text
            && new[] { chosen, rejected }.All(answer => answer[0].PlainText!.AsSpan().TrimStart().StartsWith(text)))
            throw record.Error("both answers begin with the whole prompt, which would be trained as part of the answer; expected the answers alone: take the prompt off them");
    }

    /// <summary>A prompt that is also stated as a text must be among the messages.</summary>
    private PreferenceGroup SplitMessages(JsonRecord record, List<SourceMessage> chosen, List<SourceMessage> rejected, string? stated = null)
    {
        var length = CommonPrefix.PromptLength(chosen, rejected);
        if (length <= 0)
            throw record.Error("'prompt' is missing, and 'chosen' and 'rejected' have no common first message; expected a prompt, or answers that both begin with it");
        if (stated is not null && !chosen[..length].Any(message => message.PlainText is null || message.PlainText.Contains(stated.Trim(), StringComparison.Ordinal)))
            throw record.Error("the prompt is not what both answers' messages begin with, so that one of the two would be lost; expected the same prompt in both places, or in one");
        return Pair(record, chosen[..length], chosen[length..], rejected[length..]);
    }

    private PreferenceGroup SplitTexts(JsonRecord record, string chosen, string rejected)
    {
        if (!implicitPrompt)
        {
            throw record.Error(
                $"'prompt' is {(record.Root.TryGetProperty("prompt", out _) ? "null" : "missing")}, and the answers are texts, which do not say where it ends; expected a prompt: add it, or set ImplicitPrompt to take the answers' common beginning");
        }
        var length = CommonPrefix.WordPromptLength(chosen, rejected);
        return Pair(record, [SourceMessage.Plain("user", chosen[..length])], [SourceMessage.Plain("assistant", chosen[length..])], [SourceMessage.Plain("assistant", rejected[length..])]);
    }

    private PreferenceGroup Pair(JsonRecord record, List<SourceMessage> prompt, List<SourceMessage> chosen, List<SourceMessage> rejected) =>
        groups.Pair(record, SystemText.Before(record, prompt), chosen, rejected);
}
