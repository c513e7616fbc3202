namespace MLNet.Dpo;

/// <summary>A prompt and what a model said to it. Prompt or Messages is filled, as in the columns of these names.</summary>
/// <param name="Prompt">One user turn; empty where the prompt is a conversation.</param>
/// <param name="Messages">The conversation as a JSON array of messages; empty where the prompt is one user turn.</param>
/// <param name="Responses">The completions, in the order in which they were sampled.</param>
public sealed record PromptSamples(string Prompt, string Messages, IReadOnlyList<string> Responses)
{
    /// <summary>Why each of the completions ends where it does.</summary>
    public IReadOnlyList<FinishReason> FinishReasons { get; init; } = [];
}
