namespace MLNet.Dpo;

/// <summary>A prompt and what models said to it. Prompt or Messages is filled, as in the columns of these names.</summary>
/// <param name="Prompt">One user turn; empty where the prompt is a conversation.</param>
/// <param name="Messages">The conversation as a JSON array of messages; empty where the prompt is one user turn.</param>
/// <param name="Responses">The completions, in the order in which they were sampled.</param>
public sealed record PromptSamples(string Prompt, string Messages, IReadOnlyList<string> Responses)
{
    /// <summary>The name of the source (model and settings) of each response; empty where that was not told.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>For each response whether an earlier one has the same text.</summary>
    public IReadOnlyList<bool> IsRepeated
    {
        get
        {
            var seen = new HashSet<string>();
            return [.. Responses.Select(response => !seen.Add(response))];
        }
    }

    /// <summary>For each completion its tokens with their log-probabilities, the token that ended it too; empty unless <see cref="GenerationOptions.TopLogps"/> asks for them.</summary>
    public IReadOnlyList<IReadOnlyList<TokenLogp>> TokenLogps { get; init; } = [];

    /// <summary>Why each of the completions ends where it does.</summary>
    public IReadOnlyList<FinishReason> FinishReasons { get; init; } = [];
}
