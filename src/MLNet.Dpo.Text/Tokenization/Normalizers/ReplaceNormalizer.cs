using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Replaces every occurrence of a pattern.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        var matches = pattern.Matches(piece.Span);
        if (matches.Count == 0)
            return piece;
        if (!track && pattern.Literal is { } literal)
        {
            string text = piece.Span.ToString().Replace(literal, content, StringComparison.Ordinal);
            return new Piece(text, 0, text.Length, null, piece.AtStart);
        }

        var output = new PieceBuilder(piece, track);
        int at = 0;
        foreach (var (start, end) in matches)
        {
            output.Copy(at, start - at);
            output.Append(content, start, end - start);
            at = end;
        }
        output.Copy(at, piece.Length - at);
        return output.Build();
    }
}
