using Microsoft.ML.Tokenizers;
using Xunit;

namespace Polyfills.Tests.Tokenizers;

/// <summary>What a derived tokenizer can rely on; holds on Microsoft.ML.Tokenizers 2.0.0 too.</summary>
public class TokenizerContractTests
{
    private readonly CharacterTokenizer _tokenizer = new();

    [Fact]
    public void EncodeToIds_StringOrSpan_GivesTheIdsOfTheTokens()
    {
        Assert.Equal([97, 98], _tokenizer.EncodeToIds("ab"));
        Assert.Equal([97, 98], _tokenizer.EncodeToIds("ab".AsSpan()));
        Assert.Equal((true, true, int.MaxValue), (_tokenizer.LastSettings.ConsiderNormalization, _tokenizer.LastSettings.ConsiderPreTokenization, _tokenizer.LastSettings.MaxTokenCount));
    }

    [Fact]
    public void EncodeToIds_WithLimit_PassesItOn()
    {
        Assert.Equal([97, 98], _tokenizer.EncodeToIds("abcd", 2, out string? normalized, out int consumed, considerNormalization: false));
        Assert.Equal((null, 2), (normalized, consumed));
        Assert.Equal((false, true, 2), (_tokenizer.LastSettings.ConsiderNormalization, _tokenizer.LastSettings.ConsiderPreTokenization, _tokenizer.LastSettings.MaxTokenCount));
        Assert.Equal([97], _tokenizer.EncodeToIds("abcd".AsSpan(), 1, out _, out consumed));
        Assert.Equal(1, consumed);
    }

    [Fact]
    public void EncodeToTokens_Text_GivesIdsStringsAndOffsets()
    {
        var tokens = _tokenizer.EncodeToTokens("ab", out string? normalized);
        Assert.Null(normalized);
        Assert.Equal(new EncodedToken(98, "b", 1..2), tokens[1]);
        Assert.False(tokens[0].Equals(tokens[1]));
        Assert.Equal(2, _tokenizer.EncodeToTokens("ab".AsSpan(), out _).Count);
    }

    [Fact]
    public void CountTokens_Text_CountsThem()
    {
        Assert.Equal(3, _tokenizer.CountTokens("abc"));
        Assert.Equal(3, _tokenizer.CountTokens("abc".AsSpan()));
    }

    [Fact]
    public void GetIndexByTokenCount_FromBothEnds_FindsTheBoundary()
    {
        Assert.Equal(2, _tokenizer.GetIndexByTokenCount("abcd", 2, out _, out int count));
        Assert.Equal(2, count);
        Assert.Equal(3, _tokenizer.GetIndexByTokenCountFromEnd("abcd", 1, out _, out count));
        Assert.Equal(1, count);
        Assert.Equal(4, _tokenizer.GetIndexByTokenCount("abcd", 9, out _, out count));
        Assert.Equal(4, count);
        Assert.Equal(0, _tokenizer.GetIndexByTokenCountFromEnd("", 1, out _, out count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Decode_AnyLength_GrowsItsBuffer()
    {
        string text = new('x', 5000);
        Assert.Equal(text, _tokenizer.Decode(text.Select(c => (int)c)));
        Assert.Equal("", _tokenizer.Decode([]));
    }

    [Fact]
    public void Decode_InvalidIdsOrNull_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => _tokenizer.Decode([-1]));
        Assert.Throws<ArgumentNullException>(() => _tokenizer.Decode(null!));
    }

    [Fact]
    public void Normalizer_AndPreTokenizer_AreNullByDefault()
    {
        Tokenizer tokenizer = _tokenizer;
        Assert.Null(tokenizer.Normalizer);
        Assert.Null(tokenizer.PreTokenizer);
        Assert.Equal(int.MaxValue, new EncodeSettings().MaxTokenCount);
    }
}
