namespace MLNet.Dpo.Data;

/// <summary>
/// A prompt with its scored responses: what one row of preference data says. A chosen/rejected pair is two responses with scores 1 and 0,
/// a plain example for supervised fine-tuning is one response with score 1.
/// </summary>
/// <param name="Prompt">One user turn as plain text, or a JSON array of <c>{"role","content"}</c> messages when there is more than one message,
/// a system message, or a message with more than role and content.</param>
/// <param name="Responses">The responses: each plain text of one assistant turn, or a JSON array of messages when an answer is more than that.</param>
/// <param name="Scores">One number for each response; higher is better. Only their order counts.</param>
internal sealed record PreferenceGroup(string Prompt, IReadOnlyList<string> Responses, IReadOnlyList<float> Scores)
{
    /// <summary>The pairs that follow from the scores; see <see cref="PreferencePair.FromScores"/>.</summary>
    public IReadOnlyList<PreferencePair> Pairs() => PreferencePair.FromScores([.. Scores]);

    /// <summary>The prompt's beginning and the number of responses.</summary>
    public override string ToString() => $"{(Prompt.Length > 40 ? Prompt[..40] + "..." : Prompt)} ({Responses.Count} responses)";
}
