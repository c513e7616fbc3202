using System.Text;
using MLNet.Dpo.Text.Tokenization;
using MLNet.Dpo.Text.Tokenization.Normalizers;
using Xunit;

namespace MLNet.Dpo.Text.Tests.Tokenization;

/// <summary>Unicode normalization, which must not depend on the process's globalization mode.</summary>
public class UnicodeNormalizerTests
{
    [Theory]
    [InlineData(NormalizationForm.FormC, "e\u0301", "\u00E9")]
    [InlineData(NormalizationForm.FormC, "q\u0307\u0323", "q\u0323\u0307")]
    [InlineData(NormalizationForm.FormC, "\u1100\u1161\u11A8", "\uAC01")]
    [InlineData(NormalizationForm.FormC, "\u212B\u2126", "\u00C5\u03A9")]
    [InlineData(NormalizationForm.FormC, "\u0958", "\u0915\u093C")]
    [InlineData(NormalizationForm.FormC, "\uFB01", "\uFB01")]
    [InlineData(NormalizationForm.FormD, "\u1E69\uAC01", "s\u0323\u0307\u1100\u1161\u11A8")]
    [InlineData(NormalizationForm.FormKC, "\uFB01\u2460\uFF21\u00A0x", "fi1A x")]
    [InlineData(NormalizationForm.FormKD, "\u00C5\u33C2", "A\u030Aa.m.")]
    [InlineData(NormalizationForm.FormC, "\U0001D15E", "\U0001D157\U0001D165")]
    public void Normalize_Text_EqualsTheStandard(NormalizationForm form, string text, string expected) =>
        Assert.Equal(expected, Normalize(form, text).Span.ToString());

    [Fact]
    public void Normalize_Tracked_SaysWhereCharactersCameFrom()
    {
        var piece = Normalize(NormalizationForm.FormC, "ae\u0301b");
        Assert.Equal("a\u00E9b", piece.Span.ToString());
        Assert.Equal([new SourceSpan(0, 1), new SourceSpan(1, 3), new SourceSpan(3, 4)], piece.Sources!);
    }

    private static Piece Normalize(NormalizationForm form, string text) =>
        new UnicodeNormalizer(form).Normalize(new Piece(text, 0, text.Length, null, true), track: true);
}
