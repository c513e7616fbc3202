namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>Pre-tokenizers one after the other, each on the parts that the one before left.</summary>
internal sealed class SplitterSequence(ITextSplitter[] steps) : ITextSplitter
{
    public void Split(Piece piece, List<Piece> parts, bool track)
    {
        var current = new List<Piece> { piece };
        var next = new List<Piece>();
        foreach (var step in steps)
        {
            next.Clear();
            foreach (var part in current)
            {
                if (part.Length > 0)
                    step.Split(part, next, track);
            }
            (current, next) = (next, current);
        }
        parts.AddRange(current);
    }
}
