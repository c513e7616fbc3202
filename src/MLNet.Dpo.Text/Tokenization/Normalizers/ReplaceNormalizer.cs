using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Replaces every occurrence of a pattern.</summary>
internal sealed class ReplaceNormalizer(TextPattern pattern, string content) : ITextNormalizer
{
    /// <summary>How long a text may become, unless it was about as long before: replacements after one another could multiply it without end.</summary>
    private const int MaxLength = 1 << 24;

    public Piece Normalize(Piece piece, bool track)
    {
        var matches = pattern.Matches(piece.Span);
        if (matches.Count == 0)
            return piece;
        if (piece.Length + (long)matches.Count * content.Length > Math.Max(MaxLength, 4L * piece.Length))
            throw new InvalidDataException($"tokenizer.json: the Replace normalizer makes more than {MaxLength} characters of a text of {piece.Length}; shorten its \"content\".");
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
