using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>The character classes that tokenizers ask for.</summary>
internal static class UnicodeClasses
{
    /// <summary>The code point at <paramref name="index"/> and how many UTF-16 units it takes; a lone surrogate counts as U+FFFD.</summary>
    public static Rune RuneAt(ReadOnlySpan<char> text, int index, out int length)
    {
        Rune.DecodeFromUtf16(text[index..], out var rune, out length);
        return rune;
    }

    /// <summary>Combining marks: Mn, Mc, Me.</summary>
    public static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Mn alone.</summary>
    public static bool IsNonSpacingMark(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.NonSpacingMark;

    /// <summary>Control, format, private use; not the unassigned ones.</summary>
    public static bool IsControl(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    /// <summary>Unicode punctuation, and every ASCII character that is neither letter, digit, space nor control.</summary>
    public static bool IsPunctuation(Rune rune) =>
        rune.IsAscii ? rune.Value > 32 && rune.Value != 127 && !Rune.IsLetterOrDigit(rune) : Rune.IsPunctuation(rune);

    /// <summary>Numbers of any kind: Nd, Nl, No.</summary>
    public static bool IsNumeric(Rune rune) => Rune.IsNumber(rune);

    public static bool IsWhiteSpace(Rune rune) => Rune.IsWhiteSpace(rune);

    /// <summary>What regular expressions call a word character: alphabetic, marks, decimal digits, connectors, joiners.</summary>
    public static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };

    /// <summary>The Chinese ideographs that BERT puts spaces around.</summary>
    public static bool IsChinese(Rune rune) => rune.Value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);

    /// <summary>The text with every lone surrogate replaced by U+FFFD; the same object where there is none.</summary>
    public static string ReplaceLoneSurrogates(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
                i++;
            else
                return Replaced(text, i);
        }
        return text;
    }

    private static string Replaced(string text, int from) => string.Create(text.Length, (text, from), static (chars, state) =>
    {
        state.text.CopyTo(chars);
        for (int i = state.from; i < chars.Length; i++)
        {
            if (char.IsHighSurrogate(chars[i]) && i + 1 < chars.Length && char.IsLowSurrogate(chars[i + 1]))
                i++;
            else if (char.IsSurrogate(chars[i]))
                chars[i] = '\uFFFD';
        }
    });
}
