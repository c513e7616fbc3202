using System.Text;

namespace MLNet.Dpo.Tests;

/// <summary>Texts that tokenizers may trip over; a seed fixes them.</summary>
internal static class RandomTexts
{
    private static readonly string[] Parts =
    [
        " ", "  ", "\n", "\r\n", "\t", "the", "The", "hello", "world", "don't", "I'LL", "'s", "1234", "3.14", "naïve", "é", "e\u0301", "你好", "世界", "こんにちは", "한국어", "😀", "👨‍👩‍👧", "🇩🇪", "\u200B", "\u00A0", "\u3000", "ﬁ", "Ω", "ß",
        "<s>", "</s>", "<unk>", "<|im_start|>", "<|im_end|>", "<0x41>", "▁", "<e>", "##", "_", "-", "...", "?!", "http://a.b/c?d=e", "def f(x):\n    return x", "{\"a\": [1, 2]}", "\0", "\u0007", "\uFFFD", "\uFEFF", "aaaa", "=====", "مرحبا", "שלום", "ไทย", "नमस्ते", "𝔘", "İ", "ǆ",
    ];

    internal static IEnumerable<string> Of(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (var part = random.Next(1, 14); part > 0; part--)
            {
                text.Append(random.Next(4) switch
                {
                    0 => new Rune(Valid(random)).ToString(),
                    1 => ((char)random.Next(32, 127)).ToString(),
                    _ => Parts[random.Next(Parts.Length)],
                });
                if (random.Next(3) == 0) text.Append(' ');
            }
            yield return text.ToString();
        }
    }

    /// <summary>Whether a character stands three times in a row.</summary>
    internal static bool HasRun(string text) => Enumerable.Range(2, Math.Max(0, text.Length - 2)).Any(i => text[i] == text[i - 1] && text[i] == text[i - 2]);

    // Assigned in every version of Unicode that a library may know of, for the most part: no surrogates, no private or unassigned planes.
    private static int Valid(Random random) => random.Next(5) switch
    {
        0 => random.Next(0x20, 0x250),
        1 => random.Next(0x370, 0x530),
        2 => random.Next(0x4E00, 0x9FA5),
        3 => random.Next(0xAC00, 0xD7A3),
        _ => random.Next(0x1F300, 0x1F5FF),
    };
}
