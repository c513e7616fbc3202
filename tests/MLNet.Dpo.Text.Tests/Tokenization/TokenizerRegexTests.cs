using MLNet.Dpo.Text.Tokenization.Patterns;
using Xunit;

namespace MLNet.Dpo.Text.Tests.Tokenization;

/// <summary>Regular expressions of tokenizers, as Oniguruma reads them.</summary>
public class TokenizerRegexTests
{
    [Theory]
    [InlineData(@"\p{L}+", "ab\U00020000\U0001D400c1", "ab\U00020000\U0001D400c")]
    [InlineData(@"[^\s\p{L}\p{N}]+", "a\U0001F600\U0001F601 ", "\U0001F600\U0001F601")]
    [InlineData(@"\p{Nd}+", "x\U0001D7CE2", "\U0001D7CE2")]
    [InlineData(@"\p{Han}+", "a中\U00020000b", "中\U00020000")]
    [InlineData(@"[\p{L}&&[^\p{Han}]]+", "中ab", "ab")]
    [InlineData(@"(?i:'S)", "x'ſy", "'ſ")]
    [InlineData(@"a++b|a", "aaab", "aaab")]
    [InlineData(@"a++a|b", "aab", "b")]
    [InlineData(@"\w+", "-Ⓐa_\u200D1-", "Ⓐa_\u200D1")]
    [InlineData(@"^b$", "a\nb\nc", "b")]
    [InlineData(@"\h+", "xyz9F", "9F")]
    [InlineData(@"[[:alpha:]]+", "12é", "é")]
    [InlineData(@"\x{4E2D}", "a中", "中")]
    [InlineData(@"\P{L}", "a1", "1")]
    [InlineData(@"\p{^L}", "a1", "1")]
    public void Matches_Pattern_FindsTheFirst(string pattern, string text, string expected)
    {
        var matches = new List<(int Start, int End)>();
        new TokenizerRegex(pattern).Matches(text, matches);
        Assert.Equal(expected, text[matches[0].Start..matches[0].End]);
    }

    [Theory]
    [InlineData(@"(a+)+$")]
    [InlineData(@"(a|a)+$")]
    [InlineData(@"^(([a-z])+.)+[A-Z]([a-z])+$")]
    public void Matches_ExponentialPattern_EndsAtOnce(string pattern)
    {
        var matches = new List<(int Start, int End)>();
        new TokenizerRegex(pattern).Matches(new string('a', 500) + "!", matches);
        Assert.Empty(matches);
    }

    [Theory]
    [InlineData(@"(?=(a+)+b)a")]
    [InlineData(@"(a|aa)+(?![a!])")]
    public void Matches_ExponentialPatternThatNeedsBacktracking_NamesThePattern(string pattern) =>
        Assert.Contains(pattern, Assert.Throws<InvalidDataException>(() => new TokenizerRegex(pattern).Matches(new string('a', 5000) + "!", [])).Message);

    [Theory]
    [InlineData(@"(ab|a)+?b|(a|ab)(c|bcd)*", "xabcdabaab")]
    [InlineData(@"( \w{1,3})+|(-|--)+", "x a bcd efgh --- -")]
    public void Matches_RepeatedGroup_EqualsBacktracking(string pattern, string text)
    {
        var matches = new List<(int Start, int End)>();
        new TokenizerRegex(pattern).Matches(text, matches);
        Assert.Equal(System.Text.RegularExpressions.Regex.Matches(text, pattern).Select(match => (match.Index, match.Index + match.Length)), matches);
    }

    [Fact]
    public void Constructor_VeryLongPattern_SaysSo() =>
        Assert.Contains("at most 4096", Assert.Throws<InvalidDataException>(() => new TokenizerRegex(new string('[', 100_000))).Message);

    [Theory]
    [InlineData(@"\X")]
    [InlineData(@"[a[b]]")]
    [InlineData(@"\p{Klingon}")]
    [InlineData(@"a)")]
    [InlineData(@"[a")]
    [InlineData("\U0001F600")]
    public void Constructor_UnsupportedPattern_SaysSo(string pattern) =>
        Assert.Contains(pattern, Assert.Throws<InvalidDataException>(() => new TokenizerRegex(pattern)).Message);
}
