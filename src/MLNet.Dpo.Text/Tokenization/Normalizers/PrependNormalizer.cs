
namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Puts a text before everything that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track) => piece.Length == 0 ? piece : Prepend(piece, prefix, track);

    /// <summary>The piece with <paramref name="prefix"/> before it; the prefix covers no character of the input.</summary>
    public static Piece Prepend(Piece piece, string prefix, bool track)
    {
        string text = string.Concat(prefix, piece.Span);
        if (!track)
            return new Piece(text, 0, text.Length, null, piece.AtStart);

        var output = new PieceBuilder(piece, track);
        output.Append(prefix, 0, 0);
        output.Copy(0, piece.Length);
        return output.Build();
    }
}
