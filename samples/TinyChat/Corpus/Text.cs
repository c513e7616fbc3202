using System.Text;

namespace TinyChat;

/// <summary>Small text helpers that the corpus and the judges share.</summary>
public static class Text
{
    /// <summary>Whether <paramref name="c"/> is a Chinese character (CJK Unified Ideographs).</summary>
    public static bool IsChinese(char c) => c is >= '\u4e00' and <= '\u9fff';

    /// <summary>
    /// The wording of a prompt with everything removed that a reader would not call another wording: case, spaces and punctuation.
    /// Signs of arithmetic stay, so that "3+4" and "3-4" differ.
    /// </summary>
    public static string Wording(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var wording = new StringBuilder(prompt.Length);
        foreach (var c in prompt)
        {
            if (char.IsLetterOrDigit(c) || c is '+' or '-' or '*' or '×')
                wording.Append(char.ToLowerInvariant(c));
        }
        return wording.ToString();
    }

    /// <summary>A hash of <paramref name="text"/> that is the same on every machine and in every run (FNV-1a, 32 bits, over UTF-8).</summary>
    public static uint StableHash(string text)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ b) * 16777619u;
        hash ^= hash >> 15; // FNV's low bits alone are a poor choice for a remainder
        return hash * 0x2c1b3c6du ^ (hash >> 12);
    }
}
