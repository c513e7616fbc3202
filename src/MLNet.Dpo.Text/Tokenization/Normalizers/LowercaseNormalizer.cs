using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Lower case, character by character (no context, so a final sigma stays σ).</summary>
internal sealed class LowercaseNormalizer : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        var output = new PieceBuilder(piece, track);
        Span<char> lower = stackalloc char[2];
        for (int i = 0; i < piece.Length;)
        {
            var rune = UnicodeClasses.RuneAt(piece.Span, i, out int length);
            if (rune.Value == 0x130)
                output.Append("i\u0307", i, length);
            else
                output.Append(lower[..Rune.ToLowerInvariant(rune).EncodeToUtf16(lower)], i, length);
            i += length;
        }
        return output.Build();
    }
}
