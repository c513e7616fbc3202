namespace MLNet.Dpo;

/// <summary>A prompt and its responses as token ids.</summary>
/// <param name="PromptTokens">The prompt's ids.</param>
/// <param name="ResponseTokens">Each response's ids.</param>
public sealed record TokenizedGroup(int[] PromptTokens, int[][] ResponseTokens)
{
    /// <summary>Cuts each response so that prompt and response have at most <paramref name="maxLength"/> ids (TRL's keep_start); null when the prompt alone has as many.</summary>
    public TokenizedGroup? Truncate(int maxLength)
    {
        if (PromptTokens.Length >= maxLength) return null;
        var room = maxLength - PromptTokens.Length;
        return this with { ResponseTokens = [.. ResponseTokens.Select(r => r.Length > room ? r[..room] : r)] };
    }
}
