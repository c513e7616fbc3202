using System.Text;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>What an id adds to a text between other ids, where only its decoded text tells.</summary>
/// <param name="decode">Gives the text of ids.</param>
/// <param name="letter">The ids of a letter; none where the vocabulary has none, and ids are then decoded alone.</param>
internal sealed class TextBetween(Func<IEnumerable<int>, string> decode, IReadOnlyList<int> letter)
{
    private readonly int _before = decode(letter).Length;
    private readonly int _after = decode([.. letter, .. letter]).Length - decode(letter).Length;

    /// <summary>The bytes; none where they are not whole characters.</summary>
    internal byte[] Of(int id)
    {
        string text = decode([.. letter, id, .. letter]);
        return text.Length <= _before + _after || text.Contains('\uFFFD') ? [] : Encoding.UTF8.GetBytes(text[_before..^_after]);
    }
}
