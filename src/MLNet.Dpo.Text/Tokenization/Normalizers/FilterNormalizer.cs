using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Removes the characters of a class.</summary>
internal sealed class FilterNormalizer(Func<Rune, bool> removed) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        var output = new PieceBuilder(piece, track);
        for (int i = 0; i < piece.Length;)
        {
            if (!removed(UnicodeClasses.RuneAt(piece.Span, i, out int length)))
                output.Copy(i, length);
            i += length;
        }
        return output.Build();
    }
}
