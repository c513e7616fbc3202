using System.Text;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>The scripts that letters belong to, by Unicode's blocks.</summary>
internal static class Scripts
{
    // First and last code point of the blocks that hold a script's letters.
    private static readonly (WritingScript Script, int First, int Last)[] Blocks =
    [
        (WritingScript.Latin, 0x0041, 0x024F), (WritingScript.Latin, 0x1E00, 0x1EFF), (WritingScript.Latin, 0xFF21, 0xFF5A),
        (WritingScript.Greek, 0x0370, 0x03FF), (WritingScript.Greek, 0x1F00, 0x1FFF),
        (WritingScript.Cyrillic, 0x0400, 0x052F), (WritingScript.Cyrillic, 0x1C80, 0x1C8F), (WritingScript.Cyrillic, 0x2DE0, 0x2DFF), (WritingScript.Cyrillic, 0xA640, 0xA69F),
        (WritingScript.Hebrew, 0x0590, 0x05FF), (WritingScript.Hebrew, 0xFB1D, 0xFB4F),
        (WritingScript.Arabic, 0x0600, 0x06FF), (WritingScript.Arabic, 0x0750, 0x077F), (WritingScript.Arabic, 0x08A0, 0x08FF), (WritingScript.Arabic, 0xFB50, 0xFDFF), (WritingScript.Arabic, 0xFE70, 0xFEFE),
        (WritingScript.Devanagari, 0x0900, 0x097F), (WritingScript.Devanagari, 0xA8E0, 0xA8FF),
        (WritingScript.Thai, 0x0E00, 0x0E7F),
        (WritingScript.Hangul, 0x1100, 0x11FF), (WritingScript.Hangul, 0x3130, 0x318F), (WritingScript.Hangul, 0xA960, 0xA97F), (WritingScript.Hangul, 0xAC00, 0xD7FF),
        (WritingScript.Kana, 0x3040, 0x30FF), (WritingScript.Kana, 0x31F0, 0x31FF), (WritingScript.Kana, 0xFF66, 0xFF9F),
        (WritingScript.Han, 0x3005, 0x3007), (WritingScript.Han, 0x3400, 0x4DBF), (WritingScript.Han, 0x4E00, 0x9FFF), (WritingScript.Han, 0xF900, 0xFAFF), (WritingScript.Han, 0x20000, 0x323AF),
    ];

    /// <summary>The script of a letter; null for what is no letter, or of a script that is not listed.</summary>
    internal static WritingScript? Of(Rune rune)
    {
        if (!Rune.IsLetter(rune) && rune.Value != 0x3007) return null; // 〇, a numeral to Unicode
        foreach (var (script, first, last) in Blocks)
        {
            if (rune.Value >= first && rune.Value <= last) return script;
        }
        return null;
    }

    internal static bool IsHanOrKana(Rune rune) => Of(rune) is WritingScript.Han or WritingScript.Kana;

    /// <summary>The share of a text's letters that are in one of the scripts; NaN where it has no letter.</summary>
    internal static float Share(string text, IReadOnlyCollection<WritingScript> scripts)
    {
        var (inside, letters) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var script = Of(rune);
            if (script is null && !Rune.IsLetter(rune)) continue;
            letters++;
            if (script is { } known && scripts.Contains(known)) inside++;
        }
        return letters == 0 ? float.NaN : (float)inside / letters;
    }

    /// <summary>The script that most of a text's letters are in; null where it has none of a listed one.</summary>
    internal static WritingScript? Main(string text) => text.EnumerateRunes().Select(Of).Where(script => script is not null)
        .GroupBy(script => script).MaxBy(script => script.Count())?.Key;
}
