using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class LogitsProcessorsTests
{
    [Fact]
    public void Apply_RepetitionPenalty_LowersTokensOfPromptAndCompletionOnce()
    {
        float[] logits = [2, -2, 0, 4, -1];
        var changed = LogitsProcessors.Apply(logits, [0, 1, 0], [2, 3, 3], new GenerationOptions { RepetitionPenalty = 2 });
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
        var changed = LogitsProcessors.Apply(new float[4], [0, 1, 1], [2, 0], new GenerationOptions { NoRepeatNgramSize = size }).ToArray();
        Assert.Equal(banned, string.Join(' ', Enumerable.Range(0, 4).Where(id => float.IsNegativeInfinity(changed[id]))));
    }

    [Fact]
    public void Apply_Defaults_ChangesNothing() =>
        Assert.Equal([1, 2], LogitsProcessors.Apply([1, 2], [0, 1], [1], new GenerationOptions()).ToArray());

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
