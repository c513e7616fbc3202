using System.Text;
using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>Splits at each character of a class.</summary>
internal sealed class ClassSplitter(Func<Rune, bool> isMatch, SplitBehavior behavior) : ITextSplitter
{
    public void Split(Piece piece, List<Piece> parts, bool track)
    {
        var matches = new List<(int, int)>();
        for (int i = 0; i < piece.Length;)
        {
            if (isMatch(UnicodeClasses.RuneAt(piece.Span, i, out int length)))
                matches.Add((i, i + length));
            i += length;
        }
        behavior.Split(piece, matches, invert: false, parts);
    }
}
