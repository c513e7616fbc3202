using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>What a Split or Replace looks for: a literal text or a regular expression.</summary>
internal sealed class TextPattern
{
    private readonly TokenizerRegex? _regex;

    public TextPattern(TokenizerRegex regex) => _regex = regex;

    private TextPattern(string literal) => Literal = literal;

    /// <summary>The text looked for, where it is literal.</summary>
    public string? Literal { get; }

    public static TextPattern Read(JsonElement json)
    {
        var pattern = json.Required("pattern", JsonValueKind.Object);
        if (pattern.OptionalString("Regex") is { } regex)
            return new TextPattern(new TokenizerRegex(regex));
        return Of(pattern.RequiredString("String"));
    }

    /// <summary>The pattern that matches a text literally.</summary>
    public static TextPattern Of(string literal) =>
        literal.Length > 0 ? new TextPattern(literal) : throw new InvalidDataException("tokenizer.json: a pattern's \"String\" is empty; expected at least one character.");

    /// <summary>The matches, in order, as begin and end.</summary>
    public List<(int Start, int End)> Matches(ReadOnlySpan<char> text)
    {
        var matches = new List<(int, int)>();
        if (Literal is null)
        {
            _regex!.Matches(text, matches);
            return matches;
        }

        for (int at = 0; text[at..].IndexOf(Literal, StringComparison.Ordinal) is var found and >= 0;)
        {
            matches.Add((at + found, at + found + Literal.Length));
            at += found + Literal.Length;
        }
        return matches;
    }

    /// <summary>The text with every match replaced.</summary>
    public string Replace(string text, string content)
    {
        if (Literal is not null)
            return text.Replace(Literal, content, StringComparison.Ordinal);
        var output = new System.Text.StringBuilder();
        int at = 0;
        foreach (var (start, end) in Matches(text))
        {
            output.Append(text, at, start - at).Append(content);
            at = end;
        }
        return output.Append(text, at, text.Length - at).ToString();
    }
}
