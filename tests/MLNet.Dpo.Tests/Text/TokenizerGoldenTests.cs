using MLNet.Dpo.Conformance;
using MLNet.Dpo.Tests.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Tokenization;

/// <summary>Ids, decoding and streaming equal to those of the tokenizers package.</summary>
public class TokenizerGoldenTests
{
    [Theory]
    [InlineData("tiny-chatml")]
    [InlineData("zoo-clip")]
    [InlineData("zoo-roberta")]
    [InlineData("zoo-splits")]
    [InlineData("zoo-unigram")]
    [InlineData("zoo-unigram-bytes")]
    [InlineData("zoo-wordlevel")]
    [InlineData("zoo-wordpiece")]
    public void Run_TokenizerOfEachKind_EqualsHuggingFace(string name)
    {
        string folder = Fixtures.PathTo("tokenizers/" + name);
        Assert.True(TokenizerCases.Matches(folder));
        Fixtures.AssertAllPass(TokenizerCases.Run(folder));
    }

    [SharedDataFact("fixtures/tokenizers")]
    public void Run_RealTokenizers_EqualHuggingFace()
    {
        foreach (string folder in Directory.GetDirectories(SharedData.PathTo("fixtures/tokenizers")).Where(TokenizerCases.Matches))
            Fixtures.AssertAllPass(TokenizerCases.Run(folder));
    }
}
