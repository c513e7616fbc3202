using System.Text;
using MLNet.Dpo.Text.Tokenization.Normalizers;
using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>GPT-2's: splits into words with the blank before them (unless <paramref name="useRegex"/> is off) and writes them in the byte alphabet.</summary>
internal sealed class ByteLevelSplitter(bool addPrefixSpace, bool useRegex) : ITextSplitter
{
    private readonly TokenizerRegex? _words = useRegex
        ? new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
        : null;

    public void Split(Piece piece, List<Piece> parts, bool track)
    {
        if (addPrefixSpace && !(piece.Length > 0 && piece.Span[0] == ' '))
            piece = PrependNormalizer.Prepend(piece, " ", track);

        // The whole piece is encoded once; words are slices of it.
        var encoded = ByteAlphabet.Encode(piece, track);
        if (_words is null)
        {
            parts.Add(encoded);
            return;
        }

        var matches = new List<(int Start, int End)>();
        _words.Matches(piece.Span, matches);
        int at = 0, byteAt = 0;
        foreach (var (start, end) in matches)
        {
            Add(start);
            Add(end);
        }
        Add(piece.Length);

        void Add(int end)
        {
            if (end == at)
                return;
            int bytes = Encoding.UTF8.GetByteCount(piece.Text, piece.Start + at, end - at);
            parts.Add(encoded.Slice(byteAt, bytes));
            at = end;
            byteAt += bytes;
        }
    }
}
