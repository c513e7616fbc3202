using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>Splits at a pattern.</summary>
internal sealed class PatternSplitter(TextPattern pattern, SplitBehavior behavior, bool invert) : ITextSplitter
{
    public void Split(Piece piece, List<Piece> parts, bool track) => behavior.Split(piece, pattern.Matches(piece.Span), invert, parts);
}
