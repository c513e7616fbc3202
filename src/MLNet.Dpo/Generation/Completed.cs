namespace MLNet.Dpo.Generation;

/// <summary>A completion as text.</summary>
/// <param name="Text">The text, without what stopped it.</param>
/// <param name="Reason">Why it ends there.</param>
internal sealed record Completed(string Text, FinishReason Reason)
{
    /// <summary>The reason as a column holds it.</summary>
    internal string ReasonName => Reason switch
    {
        FinishReason.Stop => "stop",
        FinishReason.Length => "length",
        FinishReason.Context => "context",
        _ => "long_prompt",
    };
}
