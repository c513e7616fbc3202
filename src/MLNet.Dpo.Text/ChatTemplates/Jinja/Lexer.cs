using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>What a <see cref="Token"/> is.</summary>
internal enum TokenKind
{
    /// <summary>Text between tags.</summary>
    Text,

    /// <summary>The beginning of an output tag.</summary>
    OutputBegin,

    /// <summary>The end of an output tag.</summary>
    OutputEnd,

    /// <summary>The beginning of a statement tag.</summary>
    BlockBegin,

    /// <summary>The end of a statement tag.</summary>
    BlockEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A string; its value is in <see cref="Token.Value"/>.</summary>
    String,

    /// <summary>An integer or float; its value is in <see cref="Token.Value"/>.</summary>
    Number,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A token of a template: its text, its value where it is a literal, and its line from 1.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, object? Value, int Line);

/// <summary>
/// Splits a template into tokens, with the white-space rules of transformers: <c>trim_blocks</c>, <c>lstrip_blocks</c>, one newline at the end dropped,
/// and the signs <c>-</c> and <c>+</c> at tags.
/// </summary>
internal sealed partial class Lexer
{
    private const int MaxNameLength = 255;
    private static readonly string[] Operators =
        ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ".", ",", ":", "|", ";"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    private Lexer(string source)
    {
        source = source.Replace("\r\n", "\n").Replace('\r', '\n');
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public static List<Token> Tokenize(string source)
    {
        var lexer = new Lexer(source);
        while (lexer.ReadText())
            lexer.ReadTag();
        lexer.Add(TokenKind.End, "");
        return lexer._tokens;
    }

    /// <summary>Reads up to the next tag; false at the end of the template.</summary>
    private bool ReadText()
    {
        int start = _at, tag = NextTag(start);
        if (tag < 0)
        {
            AddText(_source[start..]);
            return false;
        }

        string text = _source[start..tag];
        char kind = _source[tag + 1], sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
        if (sign == '-')
            text = PythonText.TrimEnd(text);
        else if (kind != '{' && sign != '+' && LineIsBlank(text, start))
            text = text[..(text.LastIndexOf('\n') + 1)];
        AddText(text);
        MoveTo(tag);
        return true;
    }

    private int NextTag(int from)
    {
        for (int brace = _source.IndexOf('{', from); brace >= 0 && brace + 1 < _source.Length; brace = _source.IndexOf('{', brace + 1))
        {
            if (_source[brace + 1] is '{' or '%' or '#')
                return brace;
        }
        return -1;
    }

    /// <summary>Whether only white space stands between the beginning of the line and the end of <paramref name="text"/>.</summary>
    private bool LineIsBlank(string text, int start)
    {
        int line = text.LastIndexOf('\n') + 1;
        bool atLineStart = line > 0 || start == 0 || _source[start - 1] == '\n';
        return atLineStart && PythonText.TrimEnd(text[line..]).Length == 0;
    }

    private void ReadTag()
    {
        char kind = _source[_at + 1];
        int begin = _at;
        MoveTo(_at + 2);
        if (_at < _source.Length && _source[_at] is '-' or '+')
            MoveTo(_at + 1);
        if (kind == '#')
            SkipComment();
        else if (kind == '%' && TryReadRaw())
            return;
        else
            ReadCode(kind == '%', begin);
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
            throw Error("a comment is not closed; expected #}");
        bool strip = end > _at && _source[end - 1] == '-';
        bool keep = end > _at && _source[end - 1] == '+';
        MoveTo(end + 2);
        AfterTag(strip, trimNewline: !keep);
    }

    /// <summary>After a tag: with <c>-</c> all white space goes, after a block or comment one newline.</summary>
    private void AfterTag(bool strip, bool trimNewline)
    {
        int at = _at;
        while (strip && at < _source.Length && PythonText.IsSpace(_source[at]))
            at++;
        if (!strip && trimNewline && at < _source.Length && _source[at] == '\n')
            at++;
        MoveTo(at);
    }

    /// <summary>Reads <c>{% raw %} ... {% endraw %}</c>, whose inside is text.</summary>
    private bool TryReadRaw()
    {
        var open = RawBegin().Match(_source, _at);
        if (!open.Success)
            return false;
        MoveTo(_at + open.Length);
        // Unlike after other tags, the newline stays.
        AfterTag(open.Groups[1].Value == "-", trimNewline: false);

        var close = RawEnd().Match(_source, _at);
        if (!close.Success)
            throw Error("{% raw %} is not closed; expected {% endraw %}");
        string text = _source[_at..close.Index];
        if (close.Groups[1].Value == "-")
            text = PythonText.TrimEnd(text);
        else if (close.Groups[1].Value != "+" && LineIsBlank(text, _at))
            text = text[..(text.LastIndexOf('\n') + 1)];
        AddText(text);
        MoveTo(close.Index + close.Length);
        AfterTag(close.Groups[2].Value == "-", trimNewline: close.Groups[2].Value == "");
        return true;
    }

    private void ReadCode(bool isBlock, int begin)
    {
        string end = isBlock ? "%}" : "}}";
        Add(isBlock ? TokenKind.BlockBegin : TokenKind.OutputBegin, _source[begin..(begin + 2)]);
        int depth = 0;
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
                MoveTo(_at + 1);
            if (_at >= _source.Length)
                throw Error($"a tag is not closed; expected {end}");
            if (depth == 0 && TryEndTag(isBlock, end))
                return;
            depth += ReadToken();
        }
    }

    private bool TryEndTag(bool isBlock, string end)
    {
        char sign = _source[_at] is '-' or '+' ? _source[_at] : '\0';
        int at = sign == '\0' ? _at : _at + 1;
        if (string.CompareOrdinal(_source, at, end, 0, 2) != 0 || sign == '+' && !isBlock)
            return false;
        Add(isBlock ? TokenKind.BlockEnd : TokenKind.OutputEnd, end);
        MoveTo(at + 2);
        AfterTag(sign == '-', trimNewline: isBlock && sign != '+');
        return true;
    }

    /// <summary>Reads one token of code; gives how it changes the depth of brackets.</summary>
    private int ReadToken()
    {
        char c = _source[_at];
        if (char.IsLetter(c) || c == '_')
            ReadName();
        else if (char.IsAsciiDigit(c))
            ReadNumber();
        else if (c is '\'' or '"')
            ReadString(c);
        else
            return ReadOperator();
        return 0;
    }

    private int ReadOperator()
    {
        string found = Operators.FirstOrDefault(text => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0)
            ?? throw Error($"the character {_source[_at]} is not expected here");
        Add(TokenKind.Operator, found);
        MoveTo(_at + found.Length);
        return found is "(" or "[" or "{" ? 1 : found is ")" or "]" or "}" ? -1 : 0;
    }

    private void ReadName()
    {
        int end = _at;
        while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
            end++;
        // Names are looked up at every use, so a long one would cost more than its step.
        if (end - _at > MaxNameLength)
            throw Error($"the name {_source[_at..(_at + 20)]}... is longer than {MaxNameLength} characters");
        Add(TokenKind.Name, _source[_at..end]);
        MoveTo(end);
    }

    private void ReadNumber()
    {
        if (TryReadPrefixedInteger())
            return;
        int end = _at;
        bool isFloat = false;
        while (end < _source.Length)
        {
            char c = _source[end];
            bool point = c == '.' && !isFloat && end + 1 < _source.Length && char.IsAsciiDigit(_source[end + 1]);
            bool exponent = c is 'e' or 'E' && end + 1 < _source.Length
                && (char.IsAsciiDigit(_source[end + 1]) || _source[end + 1] is '+' or '-' && end + 2 < _source.Length && char.IsAsciiDigit(_source[end + 2]));
            if (!char.IsAsciiDigit(c) && c != '_' && !point && !exponent)
                break;
            isFloat |= point || exponent;
            end += exponent ? 2 : 1;
        }
        string text = _source[_at..end].Replace("_", "");
        if (text.Length > ValueOperations.MaxDigits)
            throw Error($"a number has {text.Length} digits, at most {ValueOperations.MaxDigits} are allowed");
        object value = isFloat ? double.Parse(text, CultureInfo.InvariantCulture) : BigInteger.Parse(text, CultureInfo.InvariantCulture);
        _tokens.Add(new Token(TokenKind.Number, text, value, _line));
        MoveTo(end);
    }

    /// <summary>Reads <c>0x1F</c>, <c>0o17</c> or <c>0b11</c>.</summary>
    private bool TryReadPrefixedInteger()
    {
        var match = Regex.Match(_source[_at..Math.Min(_at + 64, _source.Length)], @"\A0(?:[xX](?<x>[0-9a-fA-F]+)|[oO](?<o>[0-7]+)|[bB](?<b>[01]+))\b");
        if (!match.Success)
            return false;
        int radix = match.Groups["x"].Success ? 16 : match.Groups["o"].Success ? 8 : 2;
        var value = match.Value[2..].Aggregate(BigInteger.Zero, (total, digit) => total * radix + Convert.ToInt32(digit.ToString(), 16));
        _tokens.Add(new Token(TokenKind.Number, match.Value, value, _line));
        MoveTo(_at + match.Length);
        return true;
    }

    private void ReadString(char quote)
    {
        int line = _line, at = _at + 1;
        var value = new StringBuilder();
        while (true)
        {
            if (at >= _source.Length)
                throw Error("a string is not closed");
            char c = _source[at++];
            if (c == quote)
                break;
            if (c == '\\' && at < _source.Length)
                at = PythonText.ReadEscape(_source, at, value);
            else
                value.Append(c);
        }
        _tokens.Add(new Token(TokenKind.String, "", value.ToString(), line));
        MoveTo(at);
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
            Add(TokenKind.Text, text);
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, null, _line));

    private void MoveTo(int at)
    {
        _line += _source.AsSpan(_at, at - _at).Count('\n');
        _at = at;
    }

    [GeneratedRegex(@"\G\s*raw\s*([-+]?)%\}")]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%([-+]?)\s*endraw\s*([-+]?)%\}")]
    private static partial Regex RawEnd();

    private ChatTemplateException Error(string what) => new($"Chat template, line {_line}: {what}.");
}
