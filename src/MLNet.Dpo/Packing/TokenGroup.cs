namespace MLNet.Dpo.Packing;

/// <summary>Token sequences with a common beginning, as the model runs them: the prompt once, then each response, which goes on where the prompt ends.</summary>
/// <param name="Prompt">The prompt's token ids; may be empty where there are responses.</param>
/// <param name="Responses">Each response's token ids, none empty; no response at all is a prompt to go on from.</param>
internal record TokenGroup(int[] Prompt, int[][] Responses)
{
    /// <summary>
    /// The weight of each prompt token in the language-model loss, [prompt], where some context turn is learned too; tokens of weight 0 are not scored.
    /// Null: none is. Response tokens are always scored.
    /// </summary>
    internal float[]? PromptWeights { get; init; }

    /// <summary>The weight of a response's tokens in the language-model loss; 0 for none.</summary>
    internal virtual float LmWeightOf(int response) => 0;

    /// <summary>For each response, how many of its tokens are predicted: all, but without a prompt not the first one.</summary>
    internal IReadOnlyList<int> ScoredLengths { get; } = [.. Responses.Select(response => response.Length - (Prompt.Length == 0 ? 1 : 0))];

    /// <summary>Rows that the model runs: the prompt once, and each response but for its last token, which predicts nothing.</summary>
    internal int PackedTokens => Prompt.Length + Responses.Sum(response => response.Length - 1);
}
