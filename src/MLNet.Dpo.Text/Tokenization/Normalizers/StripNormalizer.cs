
namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        int start = 0, end = piece.Length;
        while (left && start < end && char.IsWhiteSpace(piece.Span[start]))
            start++;
        while (right && end > start && char.IsWhiteSpace(piece.Span[end - 1]))
            end--;
        return piece with { Start = piece.Start + start, Length = end - start };
    }
}
