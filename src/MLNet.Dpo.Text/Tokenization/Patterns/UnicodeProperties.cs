
namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>Property names of regular expressions: .NET's short category for a name, or the ranges of a script (basic plane).</summary>
internal static class UnicodeProperties
{
    /// <summary>The general category's short name; null where the name is not one.</summary>
    public static string? CategoryOf(string name) => name switch
    {
        "L" or "M" or "N" or "P" or "S" or "Z" or "C" or "Lu" or "Ll" or "Lt" or "Lm" or "Lo" or "Mn" or "Mc" or "Me" or "Nd" or "Nl" or "No" or "Pc" or "Pd"
            or "Ps" or "Pe" or "Pi" or "Pf" or "Po" or "Sm" or "Sc" or "Sk" or "So" or "Zs" or "Zl" or "Zp" or "Cc" or "Cf" or "Cs" or "Co" or "Cn" => name,
        "Letter" => "L",
        "Mark" => "M",
        "Number" => "N",
        "Punctuation" or "Punct" => "P",
        "Symbol" => "S",
        "Separator" => "Z",
        "Other" => "C",
        "Lowercase_Letter" => "Ll",
        "Uppercase_Letter" => "Lu",
        "Decimal_Number" => "Nd",
        _ => null,
    };

    /// <summary>The inside of a character class; null where the name is unknown.</summary>
    public static string? RangesOf(string name) => name switch
    {
        "Han" or "Script=Han" => @"\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u3005\u3007\u3021-\u3029\u3038-\u303B\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFA6D\uFA70-\uFAD9",
        "Hiragana" => @"\u3041-\u3096\u309D-\u309F",
        "Katakana" => @"\u30A1-\u30FA\u30FD-\u30FF\u31F0-\u31FF\u32D0-\u32FE\u3300-\u3357\uFF66-\uFF6F\uFF71-\uFF9D",
        "Hangul" => @"\u1100-\u11FF\u302E\u302F\u3131-\u318E\u3200-\u321E\u3260-\u327E\uA960-\uA97C\uAC00-\uD7A3\uD7B0-\uD7C6\uD7CB-\uD7FB\uFFA0-\uFFBE\uFFC2-\uFFC7\uFFCA-\uFFCF\uFFD2-\uFFD7\uFFDA-\uFFDC",
        "Cyrillic" => @"\u0400-\u0484\u0487-\u052F\u1C80-\u1C88\u1D2B\u1D78\u2DE0-\u2DFF\uA640-\uA69F\uFE2E\uFE2F",
        "Greek" => @"\u0370-\u0373\u0375-\u0377\u037A-\u037D\u037F\u0384\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03E1\u03F0-\u03FF\u1D26-\u1D2A\u1F00-\u1FFE\u2126",
        "Thai" => @"\u0E01-\u0E3A\u0E40-\u0E5B",
        "Latin" => @"A-Za-z\u00AA\u00BA\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02B8\u02E0-\u02E4\u1D00-\u1D25\u1D2C-\u1D5C\u1D62-\u1D65\u1D6B-\u1D77\u1D79-\u1DBE\u1E00-\u1EFF\u2071\u207F\u2090-\u209C\u212A\u212B\u2132\u214E\u2160-\u2188\u2C60-\u2C7F\uA722-\uA787\uA78B-\uA7CA\uA7F2-\uA7FF\uAB30-\uAB5A\uAB5C-\uAB64\uFB00-\uFB06\uFF21-\uFF3A\uFF41-\uFF5A",
        "Alphabetic" or "Alpha" => @"\p{L}\p{Nl}\u24B6-\u24E9",
        "White_Space" or "Space" => @"\s",
        "Digit" => @"\p{Nd}",
        "Alnum" => @"\p{L}\p{M}\p{Nd}",
        "Lower" or "Lowercase" => @"\p{Ll}",
        "Upper" or "Uppercase" => @"\p{Lu}",
        _ => null,
    };
}
