using System.Runtime.InteropServices;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>Writes the rewritten text of a piece and, when asked to track, where each of its characters came from.</summary>
internal sealed class PieceBuilder(Piece piece, bool track)
{
    private readonly List<char> _chars = new(piece.Length + 8);
    private readonly List<SourceSpan>? _sources = track ? new(piece.Length + 8) : null;

    public int Length => _chars.Count;

    public char this[int index] => _chars[index];

    /// <summary>Copies the character at <paramref name="index"/> of the piece.</summary>
    public void Copy(int index) => Append(piece.Text[piece.Start + index], index, 1);

    /// <summary>Copies a stretch of the piece.</summary>
    public void Copy(int index, int length)
    {
        for (int i = index; i < index + length; i++)
            Copy(i);
    }

    /// <summary>Adds a character that stands for <paramref name="length"/> characters of the piece from <paramref name="index"/>.</summary>
    public void Append(char c, int index, int length)
    {
        _chars.Add(c);
        _sources?.Add(piece.SourceOf(index, length));
    }

    /// <summary>Adds text that stands for <paramref name="length"/> characters of the piece from <paramref name="index"/>.</summary>
    public void Append(ReadOnlySpan<char> text, int index, int length)
    {
        foreach (char c in text)
            Append(c, index, length);
    }

    public Piece Build() => new(new string(CollectionsMarshal.AsSpan(_chars)), 0, _chars.Count, _sources?.ToArray(), piece.AtStart);
}
