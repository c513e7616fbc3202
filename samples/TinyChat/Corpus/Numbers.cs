using System.Globalization;
using System.Text.RegularExpressions;

namespace TinyChat;

/// <summary>Numbers from 0 to 99 as digits, English words and Chinese numerals: writing them, and finding them in a text.</summary>
public static partial class Numbers
{
    private static readonly string[] Words =
    [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
    ];

    private const string ChineseDigits = "零一二三四五六七八九";

    /// <summary>The English word for <paramref name="n"/>, 0 to 20.</summary>
    public static string English(int n) => Words[n];

    /// <summary>The Chinese numeral for <paramref name="n"/>, 0 to 99.</summary>
    public static string Chinese(int n)
    {
        if (n < 10)
            return ChineseDigits[n].ToString();
        var (tens, ones) = Math.DivRem(n, 10);
        return (tens > 1 ? ChineseDigits[tens].ToString() : "") + "十" + (ones > 0 ? ChineseDigits[ones].ToString() : "");
    }

    /// <summary>The numbers in <paramref name="text"/>, in order, whichever way they are written.</summary>
    public static IReadOnlyList<int> In(string text) => [.. Pattern().Matches(text).Select(m => Value(m.Value))];

    private static int Value(string token)
    {
        if (char.IsAsciiDigit(token[0]))
            return int.TryParse(token, CultureInfo.InvariantCulture, out var n) ? n : int.MaxValue;
        var word = Array.FindIndex(Words, w => w.Equals(token, StringComparison.OrdinalIgnoreCase));
        return word >= 0 ? word : ChineseValue(token.Replace('两', '二'));
    }

    private static int ChineseValue(string numeral)
    {
        var ten = numeral.IndexOf('十', StringComparison.Ordinal);
        if (ten < 0)
            return numeral.Aggregate(0, (n, c) => Math.Min((n * 10) + ChineseDigits.IndexOf(c, StringComparison.Ordinal), 1_000_000));
        var tens = ten == 0 ? 1 : ChineseValue(numeral[..ten]);
        return (tens * 10) + (ten + 1 < numeral.Length ? ChineseValue(numeral[(ten + 1)..]) : 0);
    }

    [GeneratedRegex(@"\d+|[零一二两三四五六七八九十]+|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Pattern();
}
