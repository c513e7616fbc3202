using System.Text.RegularExpressions;

namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>
/// A regular expression as tokenizers mean it: over code points, in Oniguruma's syntax. .NET matches UTF-16 units, so a text with characters beyond
/// the basic plane is matched through its <see cref="BmpShadow"/>, one unit a code point.
/// </summary>
internal sealed class TokenizerRegex
{
    private readonly Regex _regex;

    public TokenizerRegex(string pattern)
    {
        string translated = new RegexTranslator(pattern).Translate();
        try
        {
            _regex = new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"tokenizer.json: the regular expression {pattern} is not supported: {e.Message}", e);
        }
    }

    /// <summary>Adds the matches, in order, as begin and end.</summary>
    public void Matches(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        if (BmpShadow.IsNeededFor(text))
        {
            var shadow = new BmpShadow(text);
            foreach (var match in _regex.EnumerateMatches(shadow.Text))
                matches.Add((shadow.IndexOf(match.Index), shadow.IndexOf(match.Index + match.Length)));
            return;
        }

        foreach (var match in _regex.EnumerateMatches(text))
            matches.Add((match.Index, match.Index + match.Length));
    }
}
