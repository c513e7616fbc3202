using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>
/// Rewrites a regular expression of Oniguruma (what tokenizer.json uses) for .NET: possessive quantifiers become atomic groups, <c>[a&amp;&amp;[^b]]</c>
/// a subtraction, <c>\w</c>, <c>\h</c>, scripts and long property names explicit classes, and <c>^ $</c> line anchors. What cannot be said is an error.
/// </summary>
internal sealed class RegexTranslator(string pattern)
{
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u200C\u200D\u24B6-\u24E9";
    private readonly StringBuilder _output = new();
    private readonly Stack<(int Start, bool IgnoreCase)> _groups = new();
    private int _at;
    private bool _ignoreCase;

    public string Translate()
    {
        int atom = 0;
        while (_at < pattern.Length)
            atom = Next(atom);
        return _output.ToString();
    }

    /// <summary>Translates one element; returns where the atom that a quantifier would apply to begins in the output.</summary>
    private int Next(int atom)
    {
        int start = _output.Length;
        char c = pattern[_at++];
        switch (c)
        {
            case '(':
                Open();
                return start;
            case ')':
                _output.Append(')');
                if (_groups.Count == 0)
                    throw Unsupported("an unmatched )");
                (start, _ignoreCase) = _groups.Pop();
                return start;
            case '[':
                Class();
                return start;
            case '\\':
                Escape(inClass: false);
                return start;
            case '^':
                _output.Append("(?m:^)");
                return start;
            case '$':
                _output.Append("(?m:$)");
                return start;
            case '*' or '+' or '?':
                Quantifier(c.ToString(), atom);
                return atom;
            case '{' when Bounds() is { } bounds:
                Quantifier(bounds, atom);
                return atom;
            default:
                Literal(c);
                return start;
        }
    }

    private void Open()
    {
        _groups.Push((_output.Length, _ignoreCase));
        _output.Append('(');
        if (_at + 1 >= pattern.Length || pattern[_at] != '?' || !(char.IsAsciiLetter(pattern[_at + 1]) || pattern[_at + 1] == '-'))
            return;

        int end = pattern.AsSpan(_at).IndexOfAny(':', ')');
        string flags = end > 0 ? pattern.Substring(_at + 1, end - 1) : "";
        if (flags.Length == 0 || flags.AsSpan().ContainsAnyExcept("imx-"))
            return;
        // Oniguruma's m lets . match a newline: .NET's s.
        _output.Append('?').Append(flags.Replace('m', 's'));
        _at += end;
        int minus = flags.IndexOf('-');
        int i = flags.IndexOf('i');
        if (i >= 0)
            _ignoreCase = minus < 0 || i < minus;
        if (pattern[_at] == ')')
        {
            // (?i) holds to the end of the group around it.
            _groups.Pop();
            _output.Append(')');
            _at++;
        }
    }

    private string? Bounds()
    {
        int end = pattern.IndexOf('}', _at);
        if (end < 0 || end == _at || pattern.AsSpan(_at, end - _at).ContainsAnyExcept("0123456789,"))
            return null;
        string bounds = pattern[_at..end];
        _at = end + 1;
        return bounds[0] == ',' ? $"{{0{bounds}}}" : $"{{{bounds}}}";
    }

    private void Quantifier(string quantifier, int atom)
    {
        _output.Append(quantifier);
        if (_at < pattern.Length && pattern[_at] == '?')
        {
            _output.Append('?');
            _at++;
        }
        else if (_at < pattern.Length && pattern[_at] == '+' && quantifier[0] != '{')
        {
            _output.Insert(atom, "(?>").Append(')');
            _at++;
        }
    }

    private void Literal(char c)
    {
        if (char.IsSurrogate(c))
            throw Unsupported("a literal character beyond U+FFFF");
        // Oniguruma folds the long s and the Kelvin sign, .NET does not.
        _output.Append(_ignoreCase && c is 's' or 'S' ? "[sS\u017F]" : _ignoreCase && c is 'k' or 'K' ? "[kK\u212A]" : c.ToString());
    }

    private void Class()
    {
        _output.Append('[');
        if (Take('^'))
            _output.Append('^');
        if (Take(']'))
            _output.Append(@"\]");
        while (!Take(']'))
        {
            if (_at >= pattern.Length)
                throw Unsupported("a class without its ]");
            if (TakeText("&&[^"))
            {
                _output.Append("-[");
                while (!Take(']'))
                    ClassItem();
                _output.Append(']');
                if (_at >= pattern.Length || pattern[_at] != ']')
                    throw Unsupported("a class intersection other than [...&&[^...]]");
            }
            else
            {
                ClassItem();
            }
        }
        _output.Append(']');
    }

    private void ClassItem()
    {
        if (_at >= pattern.Length)
            throw Unsupported("a class without its ]");
        char c = pattern[_at++];
        if (c == '\\')
            Escape(inClass: true);
        else if (c == '[' && pattern.AsSpan(_at).StartsWith(":"))
            PosixClass();
        else if (c == '[' || c == '&' && Take('&'))
            throw Unsupported("a nested class or intersection");
        else if (char.IsSurrogate(c))
            throw Unsupported("a literal character beyond U+FFFF");
        else
            _output.Append(c);
    }

    private void PosixClass()
    {
        int end = pattern.IndexOf(":]", _at, StringComparison.Ordinal);
        string name = end > 0 ? pattern[(_at + 1)..end] : "";
        _output.Append(name switch
        {
            "alpha" => @"\p{L}\p{M}",
            "digit" => @"\p{Nd}",
            "alnum" => @"\p{L}\p{M}\p{Nd}",
            "space" => @"\s",
            "punct" => @"\p{P}$+<=>^`|~",
            "upper" => @"\p{Lu}",
            "lower" => @"\p{Ll}",
            _ => throw Unsupported($"[:{name}:]"),
        });
        _at = end + 2;
    }

    private void Escape(bool inClass)
    {
        if (_at >= pattern.Length)
            throw Unsupported("a \\ at the end");
        char c = pattern[_at++];
        switch (c)
        {
            case 'p' or 'P':
                Property(negated: c == 'P', inClass);
                break;
            case 'w':
                _output.Append(inClass ? Word : $"[{Word}]");
                break;
            case 'W' when !inClass:
                _output.Append($"[^{Word}]");
                break;
            case 'h':
                _output.Append(inClass ? "0-9a-fA-F" : "[0-9a-fA-F]");
                break;
            case 'R' when !inClass:
                _output.Append(@"(?>\r\n|[\n\v\f\r\u0085\u2028\u2029])");
                break;
            case 'x' when Take('{'):
                CodePoint(pattern.IndexOf('}', _at));
                break;
            case 'X' or 'H' or 'K' or 'W' or 'R':
                throw Unsupported($"\\{c}");
            default:
                _output.Append('\\').Append(c);
                break;
        }
    }

    private void CodePoint(int end)
    {
        if (end < 0 || !int.TryParse(pattern.AsSpan(_at, end - _at), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int value) || value > 0xFFFF)
            throw Unsupported("\\x{...} beyond FFFF");
        _output.Append(CultureInfo.InvariantCulture, $"\\u{value:X4}");
        _at = end + 1;
    }

    private void Property(bool negated, bool inClass)
    {
        int end = Take('{') ? pattern.IndexOf('}', _at) : _at + 1;
        if (end < 0 || end > pattern.Length)
            throw Unsupported("\\p without a name");
        string name = pattern[_at..end];
        _at = pattern.Length > end && pattern[end] == '}' ? end + 1 : end;
        if (name.StartsWith('^'))
            (name, negated) = (name[1..], !negated);

        if (UnicodeProperties.CategoryOf(name) is { } category)
            _output.Append(negated ? @"\P{" : @"\p{").Append(category).Append('}');
        else if (UnicodeProperties.RangesOf(name) is not { } ranges || negated && inClass)
            throw Unsupported($"\\{(negated ? 'P' : 'p')}{{{name}}}");
        else
            _output.Append(inClass ? ranges : $"[{(negated ? "^" : "")}{ranges}]");
    }

    private bool Take(char c)
    {
        bool taken = _at < pattern.Length && pattern[_at] == c;
        _at += taken ? 1 : 0;
        return taken;
    }

    private bool TakeText(string text)
    {
        bool taken = pattern.AsSpan(_at).StartsWith(text, StringComparison.Ordinal);
        _at += taken ? text.Length : 0;
        return taken;
    }

    private InvalidDataException Unsupported(string what) =>
        new($"tokenizer.json: the regular expression {pattern} has {what}, which is not supported; pass another Tokenizer.");
}
