using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Replaces each character by what <paramref name="map"/> gives for it; null keeps it.</summary>
internal sealed class MapNormalizer(Func<Rune, string?> map) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        var output = new PieceBuilder(piece, track);
        for (int i = 0; i < piece.Length;)
        {
            string? mapped = map(UnicodeClasses.RuneAt(piece.Span, i, out int length));
            if (mapped is null)
                output.Copy(i, length);
            else
                output.Append(mapped, i, length);
            i += length;
        }
        return output.Build();
    }
}
