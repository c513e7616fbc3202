namespace MLNet.Dpo.Generation;

/// <summary>A completion as text.</summary>
/// <param name="Text">The text, without what stopped it.</param>
/// <param name="Reason">Why it ends there.</param>
internal sealed record Completed(string Text, FinishReason Reason)
{
    /// <summary>All tokens that the model chose, the one that ended it too; empty where it got no room.</summary>
    internal int[] Tokens { get; init; } = [];

    /// <summary>Their log-probabilities; empty where these are not asked for.</summary>
    internal IReadOnlyList<TokenLogp> Logps { get; init; } = [];

    /// <summary>The reason as a column holds it.</summary>
    internal string ReasonName => Reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Context => "context",
        _ => "long_prompt",
    };
}
