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

    /// <summary>For each response, the index of the first prompt token that a cut left before it, the prompt's length where none is; null where the prompt is whole.</summary>
    public int[]? PromptStarts { get; init; }

    /// <summary>
    /// The group with every prompt + response cut to at most <paramref name="maxLength"/> tokens, as TRL cuts them. Null where the beginning is kept and the prompt alone has
    /// that many or more, as TRL drops such rows.
    /// </summary>
    /// <param name="maxLength">The most tokens of prompt and response together; null for no limit.</param>
    /// <param name="mode">Which end is kept.</param>
    public TokenizedGroup? Truncate(int? maxLength, TruncationMode mode = TruncationMode.KeepStart)
    {
        if (maxLength is not { } limit)
            return this;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(maxLength));
        return mode == TruncationMode.KeepEnd ? KeepEnd(limit) : KeepStart(limit);
    }

    private TokenizedGroup? KeepStart(int limit)
    {
        int room = limit - PromptTokens.Length;
        if (room <= 0)
            return null;
        return ResponseTokens.All(response => response.Length <= room)
            ? this
            : this with { ResponseTokens = [.. ResponseTokens.Select(response => response.Length <= room ? response : response[..room])] };
    }

    private TokenizedGroup KeepEnd(int limit)
    {
        int[] cuts = [.. ResponseTokens.Select(response => Math.Max(0, PromptTokens.Length + response.Length - limit))];
        if (cuts.All(cut => cut == 0))
            return this;
        return this with
        {
            PromptStarts = [.. cuts.Select(cut => Math.Min(cut, PromptTokens.Length))],
            ResponseTokens = [.. ResponseTokens.Zip(cuts, (response, cut) => response[Math.Max(0, cut - PromptTokens.Length)..])],
        };
    }

    /// <summary>
    /// Log-probabilities of the responses a token of what is scored: the sums are over what a length limit keeps, without the first token where nothing of the prompt stands before it.
    /// </summary>
    /// <param name="logps">The summed log-probability of each response; NaN where it was not scored.</param>
    /// <param name="maxLength">The limit with which they were scored.</param>
    /// <param name="mode">Which end it keeps.</param>
    public double[] PerToken(IReadOnlyList<float> logps, int? maxLength, TruncationMode mode)
    {
        var cut = Truncate(maxLength, mode) ?? this;
        return [.. logps.Select((logp, i) => logp / (double)cut.ScoredTokens(i))];
    }

    private int ScoredTokens(int response) => ResponseTokens[response].Length - (PromptStarts is { } starts && starts[response] == PromptTokens.Length ? 1 : 0);
}
