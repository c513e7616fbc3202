using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>
/// A regular expression as tokenizers mean it: over code points, in Oniguruma's syntax. .NET matches UTF-16 units, so a text with characters beyond
/// the basic plane is matched through its <see cref="BmpShadow"/>, one unit a code point. Its time is bounded: a pattern with a repeated group, which may
/// take exponential time, is matched without backtracking where .NET can; all others (look-arounds need backtracking) have a time limit.
/// </summary>
internal sealed class TokenizerRegex
{
    /// <summary>The longest pattern, in characters; those of real tokenizers have some hundred.</summary>
    private const int MaxLength = 4096;

    /// <summary>What one match may take, and all matches of a text besides <see cref="PerCharacter"/>; a real one takes microseconds.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PerCharacter = TimeSpan.FromMicroseconds(20);

    private readonly string _pattern;
    private readonly Regex _regex;

    public TokenizerRegex(string pattern)
    {
        _pattern = (pattern.Length <= 200 ? pattern : pattern[..200] + "...").ReplaceLineEndings(" ");
        if (pattern.Length > MaxLength)
            throw new InvalidDataException($"tokenizer.json: the regular expression {_pattern} has {pattern.Length} characters; at most {MaxLength} are supported.");
        string translated = new RegexTranslator(pattern).Translate();
        try
        {
            _regex = Make(translated);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"tokenizer.json: the regular expression {_pattern} is not supported: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>Adds the matches, in order, as begin and end.</summary>
    /// <exception cref="InvalidDataException">The pattern takes too long on this text.</exception>
    public void Matches(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            if (BmpShadow.IsNeededFor(text))
            {
                var shadow = new BmpShadow(text);
                foreach (var match in _regex.EnumerateMatches(shadow.Text))
                    Add(shadow.IndexOf(match.Index), shadow.IndexOf(match.Index + match.Length), text.Length, start, matches);
                return;
            }

            foreach (var match in _regex.EnumerateMatches(text))
                Add(match.Index, match.Index + match.Length, text.Length, start, matches);
        }
        catch (RegexMatchTimeoutException)
        {
            throw TooSlow(text.Length);
        }
    }

    private static Regex Make(string translated)
    {
        if (Regex.IsMatch(translated, @"\)[*+{]"))
        {
            try
            {
                return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, Limit);
            }
            catch (NotSupportedException)
            {
                // A look-around or an atomic group: the time limit alone has to do.
            }
        }
        return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Compiled, Limit);
    }

    /// <summary>Takes a match, and looks at the clock now and then.</summary>
    private void Add(int from, int to, int length, long start, List<(int Start, int End)> matches)
    {
        matches.Add((from, to));
        if (matches.Count % 16 == 0 && Stopwatch.GetElapsedTime(start) > Limit + length * PerCharacter)
            throw TooSlow(length);
    }

    private InvalidDataException TooSlow(int length) => new(
        $"tokenizer.json: the regular expression {_pattern} takes more than {Limit.TotalSeconds} seconds on a text of {length} characters; simplify its repetitions.");
}
