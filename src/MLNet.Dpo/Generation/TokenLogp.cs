namespace MLNet.Dpo;

/// <summary>A token with its log-probability: the model's own, of its logits as they are, before penalties, temperature and limits.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Text">What it adds to a text; U+FFFD for bytes that are no character alone, the vocabulary's spelling for a special token.</param>
/// <param name="Logp">The natural logarithm of its probability.</param>
public sealed record TokenLogp(int Id, string Text, double Logp)
{
    /// <summary>The most probable tokens in its place, the most probable first, as many as <see cref="GenerationOptions.TopLogps"/> asks for; the chosen one is not always among them.</summary>
    public IReadOnlyList<TokenLogp> Top { get; init; } = [];
}
