using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Strings as Python treats them: white space, escapes, code points.</summary>
internal static class PythonText
{
    private static readonly string[] Ascii = [.. Enumerable.Range(0, 128).Select(c => ((char)c).ToString())];

    /// <summary><c>str.isspace</c> of one character.</summary>
    public static bool IsSpace(char c) => c is (>= '\t' and <= '\r') or (>= '\u001C' and <= ' ') or '\u0085' or '\u00A0' or '\u1680'
        or (>= '\u2000' and <= '\u200A') or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000';

    public static string TrimStart(string text)
    {
        int start = 0;
        while (start < text.Length && IsSpace(text[start]))
            start++;
        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        int end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
            end--;
        return text[..end];
    }

    public static string Trim(string text) => TrimEnd(TrimStart(text));

    /// <summary>The number of code points.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        int length = text.Length;
        for (int i = 1; i < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i - 1], text[i]))
                length--;
        }
        return length;
    }

    /// <summary>The code points, each as a string.</summary>
    public static List<string> CodePoints(string text)
    {
        var points = new List<string>(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
            points.Add(length == 1 && text[i] < Ascii.Length ? Ascii[text[i]] : text.Substring(i, length));
            i += length;
        }
        return points;
    }

    /// <summary>Upper case first, lower case after.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : UpperFirst(text, out int first) + text[first..].ToLowerInvariant();

    /// <summary>Each run of letters capitalized.</summary>
    public static string Title(string text)
    {
        var output = new StringBuilder(text.Length);
        bool inWord = false;
        foreach (var rune in text.EnumerateRunes())
        {
            output.Append(inWord ? Rune.ToLowerInvariant(rune) : Rune.ToUpperInvariant(rune));
            inWord = Rune.IsLetter(rune);
        }
        return output.ToString();
    }

    /// <summary>Reads the escape after a backslash; gives the index after it. An unknown one keeps its backslash.</summary>
    public static int ReadEscape(string source, int at, StringBuilder output)
    {
        char c = source[at++];
        const string Simple = "abfnrtv\\'\"";
        int simple = Simple.IndexOf(c);
        if (simple >= 0)
        {
            output.Append("\a\b\f\n\r\t\v\\'\""[simple]);
            return at;
        }
        if (c == '\n')
            return at;

        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && at + digits <= source.Length
            && int.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) && value is >= 0 and <= 0x10FFFF)
        {
            output.Append(value is >= 0xD800 and < 0xE000 ? ((char)value).ToString() : char.ConvertFromUtf32(value));
            return at + digits;
        }
        output.Append('\\').Append(c);
        return at;
    }

    private static string UpperFirst(string text, out int length)
    {
        Rune.DecodeFromUtf16(text, out var first, out length);
        return Rune.ToUpperInvariant(first).ToString();
    }
}
