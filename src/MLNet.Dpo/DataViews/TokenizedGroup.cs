namespace MLNet.Dpo.DataViews;

/// <summary>A prompt and its responses as tokens; each response goes on directly where the prompt ends.</summary>
/// <param name="PromptTokens">The prompt's ids, <c>[prompt length]</c>: the beginning that all responses' texts share with the prompt in tokens.</param>
/// <param name="ResponseTokens">The ids of each response, <c>[responses][response length]</c>.</param>
internal sealed record TokenizedGroup(int[] PromptTokens, int[][] ResponseTokens)
{
    /// <summary>
    /// False where the prompt, tokenized alone, ends in tokens that a response changed (a word or newline run that goes on, say): those belong to the responses then.
    /// </summary>
    public bool PromptIsPrefix { get; init; } = true;

    /// <summary>
    /// The group with every prompt + response cut to at most <paramref name="maxLength"/> tokens, the beginning kept; null where the prompt alone has that many
    /// or more, as TRL drops such rows.
    /// </summary>
    /// <param name="maxLength">The most tokens of prompt and response together; null for no limit.</param>
    public TokenizedGroup? Truncate(int? maxLength)
    {
        if (maxLength is not { } limit)
            return this;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(maxLength));
        int room = limit - PromptTokens.Length;
        if (room <= 0)
            return null;
        return ResponseTokens.All(response => response.Length <= room)
            ? this
            : this with { ResponseTokens = [.. ResponseTokens.Select(response => response.Length <= room ? response : response[..room])] };
    }
}
