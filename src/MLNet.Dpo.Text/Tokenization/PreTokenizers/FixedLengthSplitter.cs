
namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>Splits into parts of so many characters.</summary>
internal sealed class FixedLengthSplitter : ITextSplitter
{
    private readonly int _length;

    public FixedLengthSplitter(int length) =>
        _length = length > 0 ? length : throw new InvalidDataException($"tokenizer.json: FixedLength has length {length}; expected at least 1.");

    public void Split(Piece piece, List<Piece> parts, bool track)
    {
        int start = 0, count = 0;
        for (int i = 0; i < piece.Length;)
        {
            UnicodeClasses.RuneAt(piece.Span, i, out int chars);
            i += chars;
            if (++count == _length || i == piece.Length)
            {
                parts.Add(piece.Slice(start, i - start));
                (start, count) = (i, 0);
            }
        }
    }
}
