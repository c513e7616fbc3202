namespace MLNet.Dpo.Data.Records;

/// <summary>Makes groups of what the formats have read, with the checks that hold for all of them.</summary>
internal sealed class GroupBuilder(bool allowEmptyResponses)
{
    private static readonly float[] PairScores = [1f, 0f];
    private static readonly float[] ExampleScores = [1f];

    /// <summary>A pair after a conversation.</summary>
    public PreferenceGroup Pair(JsonRecord record, List<SourceMessage> prompt, List<SourceMessage> chosen, List<SourceMessage> rejected) =>
        Group(record, prompt, [Answer(record, chosen, "chosen"), Answer(record, rejected, "rejected")], PairScores);

    /// <summary>A plain example: one response, which is good.</summary>
    public PreferenceGroup Example(JsonRecord record, List<SourceMessage> prompt, List<SourceMessage> response, string name) =>
        Group(record, prompt, [Answer(record, response, name)], ExampleScores);

    /// <summary>Checks an answer: it begins with a turn of the assistant, ends with nobody who asks, and says something.</summary>
    public List<SourceMessage> Answer(JsonRecord record, List<SourceMessage> messages, string name)
    {
        if (messages[0].Role is not "assistant" and var role)
            throw record.Error($"'{name}' begins with a message of '{role}'; expected the assistant's (the prompt belongs in the prompt alone, or at the beginning of both answers)");
        if (messages[^1].Role is "user" or "system" or "developer")
            throw record.Error($"'{name}' ends with a message of '{messages[^1].Role}', which would be trained as part of the answer; expected the assistant's last: take it off");
        if (!allowEmptyResponses && messages.All(message => message.PlainText is { } text && BlankText.Is(text)))
            throw record.Error($"'{name}' is {(messages is [{ PlainText: "" }] ? "an empty text" : "nothing but blanks")}; expected an answer: fill it, remove the record, or set AllowEmptyResponses");
        return messages;
    }

    /// <summary>A conversation with checked answers. Plain texts where they say all, messages where not.</summary>
    /// <param name="record">The record.</param>
    /// <param name="prompt">What comes before the answers.</param>
    /// <param name="answers">The answers.</param>
    /// <param name="scores">A score for each.</param>
    /// <param name="masks">For each answer whether the language-model loss learns it; null where the layout has no masks. Where it has, what the assistant said before is learned too.</param>
    public static PreferenceGroup Group(
        JsonRecord record, IReadOnlyList<SourceMessage> prompt, IReadOnlyList<IReadOnlyList<SourceMessage>> answers, IReadOnlyList<float> scores, IReadOnlyList<float>? masks = null)
    {
        if (prompt.Count == 0)
            throw record.Error("there is no prompt: no message comes before the answer; expected at least a user's message");
        // An empty or blank text would leave the row without a prompt, so such a turn is a message.
        var text = prompt is [{ Role: "user", PlainText: { } only }] && !BlankText.Is(only) ? only : null;
        var arePlain = answers.All(answer => answer is [{ Role: "assistant", PlainText: not null }]);
        return new PreferenceGroup(
            text ?? "",
            text is null ? Json(prompt) : "",
            arePlain ? [.. answers.Select(answer => answer[0].PlainText!)] : [],
            arePlain ? [] : [.. answers.Select(Json)],
            scores)
        {
            LossWeights = LossWeights(prompt, always: masks is not null),
            LmLossMasks = masks ?? [],
            WeighsLastTurn = answers.SelectMany(answer => answer).Any(message => message.LossWeight is not null and not 1),
            PromptIsBlank = prompt.All(message => message.PlainText is { } said && BlankText.Is(said)),
        };
    }

    private static float[] LossWeights(IReadOnlyList<SourceMessage> prompt, bool always)
    {
        if (!always && prompt.All(message => message.LossWeight is null))
            return [];
        float[] weights = [.. prompt.Select(message => message.LossWeight ?? (message.Role == "assistant" ? 1 : 0))];
        return weights.Any(weight => weight > 0) ? weights : [];
    }

    private static string Json(IReadOnlyList<SourceMessage> messages) => $"[{string.Join(',', messages.Select(message => message.Json))}]";
}
