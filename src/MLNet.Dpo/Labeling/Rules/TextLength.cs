using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>How long a text is.</summary>
internal static class TextLength
{
    /// <summary>What a reader sees as characters: a letter with its accents, or an emoji of several code points, is one.</summary>
    internal static int Characters(string text) => new StringInfo(text).LengthInTextElements;

    /// <summary>Words as writing programs count them: runs of letters and digits (with an apostrophe or hyphen inside), and each Han or kana character by itself.</summary>
    internal static int Words(string text)
    {
        var (words, inWord) = (0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Scripts.IsHanOrKana(rune))
            {
                words++;
                inWord = false;
            }
            else if (IsWordPart(rune))
            {
                if (!inWord) words++;
                inWord = true;
            }
            else if (!inWord || rune.Value is not ('\'' or '’' or '-'))
            {
                inWord = false;
            }
        }
        return words;
    }

    /// <summary>Whether a character stands within words that spaces part.</summary>
    internal static bool IsWordPart(Rune rune) => !Scripts.IsHanOrKana(rune) && (Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
