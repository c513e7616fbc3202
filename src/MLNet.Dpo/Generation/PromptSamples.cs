namespace MLNet.Dpo;

/// <summary>A prompt and what a model said to it.</summary>
/// <param name="Prompt">One user turn, or a JSON array of messages.</param>
/// <param name="Responses">The completions, in the order in which they were sampled.</param>
public sealed record PromptSamples(string Prompt, IReadOnlyList<string> Responses);
