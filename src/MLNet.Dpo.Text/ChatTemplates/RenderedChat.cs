namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>A conversation as text.</summary>
/// <param name="Text">The text.</param>
/// <param name="GenerationSpans">What the template marks by <c>{% generation %}</c> as said by the assistant: characters of <paramref name="Text"/> (UTF-16 units), end exclusive.</param>
internal sealed record RenderedChat(string Text, IReadOnlyList<Range> GenerationSpans);
