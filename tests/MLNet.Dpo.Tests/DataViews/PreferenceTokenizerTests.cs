using MLNet.Dpo.DataViews;
using MLNet.Dpo.Text;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Prompts and responses as tokens, and their truncation; TRL's own rows are in the golden tests.</summary>
public class PreferenceTokenizerTests
{
    private static readonly HuggingFaceTokenizer Tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);

    [Fact]
    public void Tokenize_NoResponses_GivesTheGenerationPrompt()
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: true).Tokenize(ChatText.Of("hi!"), []);
        Assert.Equal("<|im_start|>user\nhi!<|im_end|>\n<|im_start|>assistant\n", Tiny.Decode(group.PromptTokens));
        Assert.Empty(group.ResponseTokens);
    }

    [Fact]
    public void Tokenize_ManyResponses_EachEndsItsTurn()
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: true).Tokenize(ChatText.Of("hi!"), [ChatText.Of("a"), ChatText.Of("b b"), ChatText.Of("")]);
        Assert.Equal(["a<|im_end|>\n", "b b<|im_end|>\n", "<|im_end|>\n"], group.ResponseTokens.Select(ids => Tiny.Decode(ids)));
        Assert.True(group.PromptIsPrefix);
    }

    [Fact]
    public void Tokenize_MessagesAsPromptAndResponse_AreRendered()
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: true).Tokenize(
            Messages("""[{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]"""),
            [Messages("""[{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]"""), ChatText.Of("z")]);
        Assert.StartsWith("<|im_start|>system\ns<|im_end|>\n", Tiny.Decode(group.PromptTokens));
        Assert.Equal("x<|im_end|>\n<|im_start|>user\ny<|im_end|>\n", Tiny.Decode(group.ResponseTokens[0]));
    }

    [Fact]
    public void Tokenize_WithoutTemplate_AppendsEosOnce()
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: false).Tokenize(ChatText.Of("Q: "), [ChatText.Of("x"), ChatText.Of("y<|im_end|>")]);
        Assert.All(group.ResponseTokens, ids => Assert.Equal(1, ids.Count(id => id == Tiny.EosTokenId)));
    }

    [Fact]
    public void Tokenize_TokensMergeOverTheBoundary_PromptEndsBefore()
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: false).Tokenize(ChatText.Of("Count: 1, 2, 3 and hel"), [ChatText.Of("lo world"), ChatText.Of("p me")]);
        Assert.False(group.PromptIsPrefix);
        Assert.Equal("Count: 1, 2, 3 and hello world<|im_end|>", Tiny.Decode([.. group.PromptTokens, .. group.ResponseTokens[0]]));
        Assert.Equal("Count: 1, 2, 3 and help me<|im_end|>", Tiny.Decode([.. group.PromptTokens, .. group.ResponseTokens[1]]));
    }

    [Fact]
    public void Tokenize_MessagesWithoutTemplate_OnlyOneTurnOfTextIsTaken()
    {
        var tokenizer = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: false);
        var expected = tokenizer.Tokenize(ChatText.Of("Q: "), [ChatText.Of("x")]);
        var actual = tokenizer.Tokenize(Messages("""[{"role": "user", "content": "Q: "}]"""), [Messages("""[{"role": "assistant", "content": "x"}]""")]);
        Assert.Equal(expected.PromptTokens, actual.PromptTokens);
        Assert.Equal(expected.ResponseTokens, actual.ResponseTokens);
        Assert.Throws<PreferenceDataException>(() => tokenizer.Tokenize(Messages("""[{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]"""), []));
        Assert.Throws<PreferenceDataException>(() => tokenizer.Tokenize(Messages("""[{"role": "user", "content": "u", "name": "Ann"}]"""), []));
    }

    [Theory]
    [InlineData("""[{"role": "user", "content": "u"}]""")]
    [InlineData("[1, 2]")]
    public void Tokenize_TextThatLooksLikeJson_IsOneUserTurn(string text)
    {
        var group = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: true).Tokenize(ChatText.Of(text), [ChatText.Of(text)]);
        Assert.Equal($"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n", Tiny.Decode(group.PromptTokens));
        Assert.Equal($"{text}<|im_end|>\n", Tiny.Decode(group.ResponseTokens[0]));
    }

    [Fact]
    public void Tokenize_WithoutTemplateAndEos_IsRefused()
    {
        var bare = new ChatTokenizer(HuggingFaceTokenizer.Load(new TokenizerFiles(Tiny.Files.TokenizerJson)));
        Assert.Throws<InvalidDataException>(() => new PreferenceTokenizer(bare, applyChatTemplate: false).Tokenize(ChatText.Of("a"), [ChatText.Of("b")]));
        Assert.Throws<ArgumentException>(() => new PreferenceTokenizer(bare, applyChatTemplate: true));
    }

    [Fact]
    public void Tokenize_AnyTokenizer_SameAsHuggingFaceTokenizer()
    {
        var any = new ChatTokenizer(Tiny, Tiny.ChatTemplate!.Source, Tiny.SpecialTokens);
        var expected = new PreferenceTokenizer(new ChatTokenizer(Tiny), applyChatTemplate: true).Tokenize(ChatText.Of("hi!"), [ChatText.Of("a"), ChatText.Of("b")]);
        var actual = new PreferenceTokenizer(any, applyChatTemplate: true).Tokenize(ChatText.Of("hi!"), [ChatText.Of("a"), ChatText.Of("b")]);
        Assert.Equal(expected.PromptTokens, actual.PromptTokens);
        Assert.Equal(expected.ResponseTokens, actual.ResponseTokens);
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, "1 0")]
    [InlineData(5, "2 0")]
    [InlineData(100, "3 0")]
    public void Truncate_AtLength_KeepsTheBeginning(int maxLength, string? lengths)
    {
        var group = new TokenizedGroup([1, 2, 3], [[4, 5, 6], []]);
        Assert.Equal(lengths, group.Truncate(maxLength) is { } cut ? string.Join(' ', cut.ResponseTokens.Select(ids => ids.Length)) : null);
        Assert.Same(group, group.Truncate(null));
    }

    [Theory]
    [InlineData(1, "3: 6 | 2: 3")]
    [InlineData(2, "3: 5 6 | 1: 2 3")]
    [InlineData(4, "2: 3 4 5 6 | 0: 1 2 3")]
    [InlineData(6, null)]
    public void Truncate_KeepEnd_CutsTheFrontOfEachSequence(int maxLength, string? expected)
    {
        var group = new TokenizedGroup([1, 2, 3], [[4, 5, 6], []]);
        var cut = group.Truncate(maxLength, TruncationMode.KeepEnd)!;
        Assert.Equal(expected, cut.PromptStarts is { } starts
            ? string.Join(" | ", starts.Zip(cut.ResponseTokens, (start, response) => $"{start}: {string.Join(' ', (int[])[.. cut.PromptTokens[start..], .. response])}")) : null);
        Assert.Equal(expected is null, ReferenceEquals(group, cut));
    }

    private static ChatText Messages(string json) => ChatText.Of(MessagesJson.Parse(json));
}
