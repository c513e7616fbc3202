
namespace MLNet.Dpo.Text.Tokenization;

/// <summary>The characters of the input (UTF-16 units, end exclusive) that something came from.</summary>
internal readonly record struct SourceSpan(int Start, int End);

/// <summary>
/// A stretch of text on its way through the pipeline: <c>Text[Start .. Start + Length]</c>. <see cref="Sources"/> runs parallel to
/// <see cref="Text"/> and says which characters of the input each came from; null where <see cref="Text"/> is the input itself (or nobody asks).
/// <see cref="AtStart"/>: whether it is the beginning of the input.
/// </summary>
internal readonly record struct Piece(string Text, int Start, int Length, SourceSpan[]? Sources, bool AtStart)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>Where the character at <paramref name="index"/> of this piece came from.</summary>
    public SourceSpan SourceAt(int index) => Sources is null ? new SourceSpan(Start + index, Start + index + 1) : Sources[Start + index];

    /// <summary>Where <paramref name="length"/> characters from <paramref name="index"/> came from.</summary>
    public SourceSpan SourceOf(int index, int length)
    {
        if (length > 0)
            return new SourceSpan(SourceAt(index).Start, SourceAt(index + length - 1).End);
        int at = index < Length ? SourceAt(index).Start : Length > 0 ? SourceAt(Length - 1).End : 0;
        return new SourceSpan(at, at);
    }

    public Piece Slice(int index, int length) => new(Text, Start + index, length, Sources, AtStart && index == 0);
}
