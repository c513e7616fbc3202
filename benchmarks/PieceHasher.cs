using System.Text.RegularExpressions;

namespace MLNet.Dpo.Benchmarks;

/// <summary>
/// Stands in for a 49,152-entry tokenizer, which is not at hand: text is cut into pieces by a deterministic rule, and a piece's id is its hash.
/// The rule gives sequences of a real one's length: a word of up to 10 letters is one piece (with the space before it), a longer one a piece for every
/// 6 letters, a digit, a run of punctuation and a run of other white space one piece each. On the benchmark's data that is 1.4 pieces a word, punctuation
/// included, as byte-level BPE vocabularies of this size have on English chat text. Speed and memory depend on the lengths alone, not on the ids.
/// </summary>
internal static partial class PieceHasher
{
    private const int Vocabulary = 49152;
    private const int FirstPieceId = 64;
    private const int LongestWholeWord = 10;
    private const int LettersAPiece = 6;

    [GeneratedRegex(@"\s?\p{L}+|\d|[^\p{L}\d\s]+|\s+")]
    private static partial Regex Pieces();

    public static int[] Encode(string text)
    {
        var ids = new List<int>();
        foreach (var match in Pieces().EnumerateMatches(text))
        {
            var piece = text.AsSpan(match.Index, match.Length);
            var letters = piece.Trim().Length;
            var parts = letters <= LongestWholeWord || !char.IsLetter(piece[^1]) ? 1 : (letters + LettersAPiece - 1) / LettersAPiece;
            for (var part = 0; part < parts; part++)
                ids.Add(FirstPieceId + (int)(Hash(piece, part) % (Vocabulary - FirstPieceId)));
        }
        return [.. ids];
    }

    /// <summary>FNV-1a, because <see cref="string.GetHashCode()"/> differs from run to run.</summary>
    private static uint Hash(ReadOnlySpan<char> piece, int part)
    {
        var hash = 2166136261u ^ (uint)part;
        foreach (var letter in piece)
            hash = (hash ^ letter) * 16777619u;
        return hash;
    }
}
