using System.Text.Json.Nodes;
using MLNet.Dpo.Conformance;
using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests;

/// <summary>Ids, decoding and streaming equal to those of the tokenizers package.</summary>
public class TokenizerGoldenTests
{
    public static TheoryData<string> Kinds => ["tiny-chatml", "zoo-clip", "zoo-roberta", "zoo-splits", "zoo-unigram", "zoo-unigram-bytes", "zoo-wordlevel", "zoo-wordpiece"];

    [Theory]
    [MemberData(nameof(Kinds))]
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

    [SharedDataFact("fixtures/models/stories260K")]
    public void Encode_TokenizerOfATrainedModel_EqualsHuggingFace()
    {
        string folder = SharedData.PathTo("fixtures/models/stories260K");
        var tokenizer = HuggingFaceTokenizer.Load(folder);
        foreach (var sample in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!["tokenizer_samples"]!.AsArray())
        {
            int[] ids = [.. sample!["ids"]!.AsArray().Select(id => id!.GetValue<int>())];
            Assert.Equal(ids, tokenizer.Encode(sample["text"]!.GetValue<string>(), addSpecialTokens: true));
            Assert.Equal(sample["decoded"]!.GetValue<string>(), tokenizer.Decode(ids, skipSpecialTokens: true));
            Assert.Equal(sample["decoded_with_specials"]!.GetValue<string>(), tokenizer.Decode(ids));
        }
    }
}
