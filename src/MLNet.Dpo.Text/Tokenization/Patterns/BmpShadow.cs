using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>
/// A text in which every character beyond the basic plane is replaced by a rare one of the basic plane with the same general category (and script,
/// for Han), so that a regular expression over UTF-16 units sees one unit a code point, of the right class.
/// </summary>
internal sealed class BmpShadow
{
    private readonly int[] _indexes;

    public BmpShadow(ReadOnlySpan<char> text)
    {
        var chars = new char[text.Length];
        _indexes = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            var rune = UnicodeClasses.RuneAt(text, i, out int length);
            _indexes[count] = i;
            chars[count++] = rune.IsBmp ? (char)rune.Value : StandIn(rune);
            i += length;
        }
        _indexes[count] = text.Length;
        Text = new string(chars, 0, count);
    }

    public string Text { get; }

    public static bool IsNeededFor(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\uD800', '\uDFFF');

    /// <summary>Where a character of the shadow begins in the text.</summary>
    public int IndexOf(int index) => _indexes[index];

    private static char StandIn(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter => '\uA640',
        UnicodeCategory.LowercaseLetter => '\uA641',
        UnicodeCategory.TitlecaseLetter => '\u1FBC',
        UnicodeCategory.ModifierLetter => '\uA015',
        UnicodeCategory.OtherLetter => UnicodeClasses.IsChinese(rune) || rune.Value >= 0x2B820 ? '\u3400' : '\uA000',
        UnicodeCategory.NonSpacingMark => '\uA806',
        UnicodeCategory.SpacingCombiningMark => '\uA823',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA620',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.DashPunctuation => '\u301C',
        UnicodeCategory.OtherPunctuation => '\uA60D',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => UnicodeClasses.IsWord(rune) ? '\u24B6' : '\uA490',
        UnicodeCategory.Format => '\u2060',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
