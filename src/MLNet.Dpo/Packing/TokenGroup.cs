namespace MLNet.Dpo.Packing;

/// <summary>Token sequences with a common beginning, as the model runs them: the prompt once, then each response, which goes on where the prompt ends.</summary>
/// <param name="Prompt">The prompt's token ids; may be empty where there are responses.</param>
/// <param name="Responses">Each response's token ids, none empty; no response at all is a prompt to go on from.</param>
/// <param name="LmWeights">The weight of each response's tokens in the language-model loss, [responses]; null for none.</param>
internal record TokenGroup(int[] Prompt, int[][] Responses, IReadOnlyList<float>? LmWeights = null)
{
    /// <summary>
    /// Where a front was cut off: for each response, the index of the first prompt token that is left before it; the prompt's length where none is. Nothing is shared then: each response
    /// is a sequence of its own, which begins at position 0. Null: the prompt is whole.
    /// </summary>
    internal int[]? PromptStarts { get; init; }

    /// <summary>
    /// The weight of each prompt token in the language-model loss, [prompt], where some context turn is learned too; tokens of weight 0 are not scored.
    /// Null: none is. Response tokens are always scored.
    /// </summary>
    internal float[]? PromptWeights { get; init; }

    /// <summary>For each response, how many of its tokens are predicted: all, but without a prompt not the first one.</summary>
    internal IReadOnlyList<int> ScoredLengths => [.. Enumerable.Range(0, Responses.Length).Select(ScoredLength)];

    /// <summary>Prompt tokens that are scored: those with a weight, but for the first token of a sequence, which nothing predicts.</summary>
    internal int WeightedPromptTokens => PromptWeights?.Skip((PromptStarts?[0] ?? 0) + 1).Count(weight => weight != 0) ?? 0;

    /// <summary>Rows that the model runs: a shared prompt once, and each response but for its last token, which predicts nothing.</summary>
    internal int PackedTokens => PromptStarts is null
        ? Prompt.Length + Responses.Sum(response => response.Length - 1)
        : Responses.Index().Sum(response => PromptLength(response.Index) + response.Item.Length - 1);

    /// <summary>How many prompt tokens stand before a response.</summary>
    internal int PromptLength(int response) => Prompt.Length - (PromptStarts?[response] ?? 0);

    /// <summary>How many tokens of a response are predicted.</summary>
    internal int ScoredLength(int response) => Responses[response].Length - (PromptLength(response) == 0 ? 1 : 0);

    /// <summary>The group as it is packed: itself, or where nothing is shared one for each response. Prompt tokens with a weight are learned once, before the first of them.</summary>
    internal IEnumerable<TokenGroup> Sequences() => PromptStarts is not { } starts
        ? [this]
        : starts.Select((start, i) => new TokenGroup(Prompt[start..], [Responses[i]], LmWeights is null ? null : [LmWeights[i]]) { PromptWeights = i == 0 ? PromptWeights?[start..] : null });
}
