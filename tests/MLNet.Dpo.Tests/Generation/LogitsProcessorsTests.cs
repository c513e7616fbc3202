using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class LogitsProcessorsTests
{
    [Fact]
    public void Apply_RepetitionPenalty_LowersTokensOfPromptAndCompletionOnce()
    {
        float[] logits = [2, -2, 0, 4, -1];
        var changed = LogitsProcessors.Apply(logits, [0, 1, 0], [2, 3, 3], [], new GenerationOptions { RepetitionPenalty = 2 });
        Assert.Equal([1, -4, 0, 2, -1], changed.ToArray());
        Assert.Equal([2, -2, 0, 4, -1], logits); // the row may belong to other samples too
    }

    [Theory]
    [InlineData(1, "0 1 2")] // every token that is there
    [InlineData(2, "1")]     // 0 1
    [InlineData(3, "")]      // 2 0 . is new
    [InlineData(5, "")]
    [InlineData(6, "")]
    public void Apply_NoRepeatNgramSize_BansTokensThatWouldEndARunAgain(int size, string banned)
    {
        var changed = LogitsProcessors.Apply(new float[4], [0, 1, 1], [2, 0], [], new GenerationOptions { NoRepeatNgramSize = size });
        Assert.Equal(banned, Banned(changed));
    }

    [Fact]
    public void Apply_FrequencyAndPresence_CountTheCompletionAlone()
    {
        var changed = LogitsProcessors.Apply([1, 1, 1, 1], [0, 0, 1], [1, 2, 2], [], new GenerationOptions { FrequencyPenalty = 0.5, PresencePenalty = 0.25 });
        Assert.Equal([1, 0.25f, -0.25f, 1], changed.ToArray());
    }

    [Fact]
    public void Apply_LogitBias_IsAdded() =>
        Assert.Equal([1, -1.5f, 1], LogitsProcessors.Apply([1, 1, 1], [0], [], [], new GenerationOptions { LogitBias = new Dictionary<int, double> { [1] = -2.5 } }).ToArray());

    [Theory]
    [InlineData("3", "3")]
    [InlineData("2 3", "3")]   // after 2
    [InlineData("1 2 3", "3")]
    [InlineData("0 2 3", "")]
    [InlineData("3 0", "")]
    [InlineData("0 1 2 3 0", "")]
    public void Apply_BadWord_BansTheTokenThatWouldEndIt(string word, string banned)
    {
        var options = new GenerationOptions { BadWordsIds = [[.. word.Split(' ').Select(int.Parse)]] };
        Assert.Equal(banned, Banned(LogitsProcessors.Apply(new float[4], [0, 1], [2], [], options)));
    }

    [Theory]
    [InlineData(0, "0 1 3")] // suppressed, not first, the end too soon
    [InlineData(1, "0 3")]
    [InlineData(2, "0")]
    [InlineData(4, "0 1 2")] // the last one is forced
    public void Apply_BannedAndForcedTokens_DependOnTheLength(int length, string banned)
    {
        var options = new GenerationOptions { SuppressTokens = [0], BeginSuppressTokens = [1], MinNewTokens = 2, MaxNewTokens = 5, ForcedEosTokenId = 3 };
        Assert.Equal(banned, Banned(LogitsProcessors.Apply(new float[4], [0], [.. Enumerable.Repeat(2, length)], [3], options)));
    }

    private static string Banned(ReadOnlySpan<float> logits)
    {
        var changed = logits.ToArray();
        return string.Join(' ', Enumerable.Range(0, changed.Length).Where(id => float.IsNegativeInfinity(changed[id])));
    }

    [Fact]
    public void Apply_Defaults_ChangesNothing() =>
        Assert.Equal([1, 2], LogitsProcessors.Apply([1, 2], [0, 1], [1], [], new GenerationOptions()).ToArray());

    [Fact]
    public void Generate_StrongRepetitionPenalty_NeverRepeats()
    {
        using var model = Fixtures.LoadLlama();
        // So strong that a logit above 0 falls to about 0 and one below 0 out of reach.
        var options = new GenerationOptions { MaxNewTokens = 30, RepetitionPenalty = 1e6 };
        foreach (var temperature in new[] { 0.0, 1.0 })
        {
            options.Temperature = temperature;
            options.TopK = 10;
            var generated = new TokenGenerator(model, options, []).Ids([[1, 50, 60], [1, 7]], samples: 2);
            Assert.All(generated, tokens => Assert.Equal(tokens.Length, tokens.Distinct().Count()));
        }
    }

    [Fact]
    public void Generate_SamplesOfOnePrompt_ArePenalizedEachAlone()
    {
        using var model = Fixtures.LoadLlama();
        var options = new GenerationOptions { MaxNewTokens = 8, RepetitionPenalty = 1.3 };
        var alone = new TokenGenerator(model, options, []).Ids([[1, 50, 60]]);
        var together = new TokenGenerator(model, options, []).Ids([[1, 50, 60]], samples: 3);
        Assert.All(together, tokens => Assert.Equal(alone[0], tokens));
    }
}
