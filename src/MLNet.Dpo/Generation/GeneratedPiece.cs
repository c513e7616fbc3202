namespace MLNet.Dpo;

/// <summary>A part of a completion, as it comes. The texts of all parts together are the completion.</summary>
/// <param name="Text">Whole characters that no later token changes; empty at most in the last part.</param>
public sealed record GeneratedPiece(string Text)
{
    /// <summary>Why the completion ends; null in all parts but the last.</summary>
    public FinishReason? Reason { get; init; }

    /// <summary>The tokens that were chosen since the part before, the one that ended the completion too; empty unless <see cref="GenerationOptions.TopLogps"/> asks for them.</summary>
    public IReadOnlyList<TokenLogp> TokenLogps { get; init; } = [];

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens that were chosen until now, the one that ended the completion too.</summary>
    public int CompletionTokens { get; init; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
