using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Sampling;

/// <summary>
/// A text as the lines of a sheet hold it. The one escape is <c>\u{HEX}</c>, for what an editor would change or a reader not see: control characters, line separators other than a line feed,
/// white space at a line's end. A backslash is itself unless <c>u{</c> follows it.
/// </summary>
internal static partial class SheetText
{
    /// <summary>The lines of a text, escaped; one for an empty text. None ends with white space.</summary>
    public static IEnumerable<string> Lines(string text) => text.Split('\n').Select(EscapedLine);

    /// <summary>The text that lines stand for.</summary>
    /// <exception cref="FormatException">An escape is none; the message goes on after the line's number.</exception>
    public static string LineOf(string escaped) => Escape().Replace(escaped, match =>
        int.TryParse(match.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value <= 0x10FFFF
            ? value > 0xFFFF ? char.ConvertFromUtf32(value) : ((char)value).ToString()
            : throw new FormatException($"has the escape '{match.Value}', which is no character; expected \\u{{HEX}} as it was written"));

    private static string EscapedLine(string line)
    {
        var escaped = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (i + 1 < line.Length && char.IsSurrogatePair(line[i], line[i + 1])) escaped.Append(line, i++, 2);
            else if (IsEscaped(line, i)) escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)line[i]:X}}}");
            else escaped.Append(line[i]);
        }
        return escaped.ToString();
    }

    private static bool IsEscaped(string line, int i) => line[i] switch
    {
        '\\' => line.AsSpan(i + 1).StartsWith("u{"),
        '\t' => i == line.Length - 1,
        // Line and paragraph separators, the byte order mark, and the marks that turn the order of what is shown.
        '\u2028' or '\u2029' or '\uFEFF' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') => true,
        var c => char.IsControl(c) || char.IsSurrogate(c) || (i == line.Length - 1 && char.IsWhiteSpace(c)),
    };

    [GeneratedRegex(@"\\u\{([^}]*)\}?")]
    private static partial Regex Escape();
}
