namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>A conversation as text.</summary>
/// <param name="Text">The text.</param>
/// <param name="GenerationSpans">What the template marks by <c>{% generation %}</c> as said by the assistant: characters of <paramref name="Text"/> (UTF-16 units), end exclusive.</param>
internal sealed record RenderedChat(string Text, IReadOnlyList<Range> GenerationSpans)
{
    /// <summary>Which characters of <see cref="Text"/> make control tokens of the messages' own texts no such tokens, <c>[characters]</c>; null where there are none, or nobody asked.</summary>
    public bool[]? FromContent { get; init; }
}
