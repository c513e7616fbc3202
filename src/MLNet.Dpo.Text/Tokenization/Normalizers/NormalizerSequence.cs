
namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Normalizers one after the other.</summary>
internal sealed class NormalizerSequence(ITextNormalizer[] steps) : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track)
    {
        foreach (var step in steps)
            piece = step.Normalize(piece, track);
        return piece;
    }
}
