
namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Every UTF-8 byte becomes the printable character that stands for it.</summary>
internal sealed class ByteLevelNormalizer : ITextNormalizer
{
    public Piece Normalize(Piece piece, bool track) => ByteAlphabet.Encode(piece, track);
}
