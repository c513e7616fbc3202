using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Data;

/// <summary>Texts that say nothing.</summary>
internal static class BlankText
{
    /// <summary>Whether a text is empty or nothing but what a reader does not see: white space, control characters, zero-width marks.</summary>
    public static bool Is(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsWhiteSpace(rune) && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format))
                return false;
        }
        return true;
    }
}
