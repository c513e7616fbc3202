using Microsoft.ML;
using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

/// <summary>What beam search is but for the numbers, which the golden files hold.</summary>
public class BeamSearchTests
{
    private static readonly int[] Prompt = [1, 50, 60];

    [Fact]
    public void Generate_MoreBeams_FindMoreProbableCompletionsThanGreedy()
    {
        using var model = Fixtures.LoadLlama();
        var options = new GenerationOptions { MaxNewTokens = 6, NumBeams = 8 };
        var found = new TokenGenerator(model, options, []).Generate([new NumberedPrompt(Prompt, 0)], 8, () => { });
        Assert.Equal(found.OrderByDescending(c => c.Score).Select(c => c.Ids), found.Select(c => c.Ids));
        Assert.Equal(8, found.Select(c => string.Join(' ', c.Ids)).Distinct().Count());
        var greedy = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 6 }, []).Ids([Prompt])[0];
        Assert.True(found[0].Score >= found.SingleOrDefault(c => c.Ids.SequenceEqual(greedy)).Score || found.All(c => !c.Ids.SequenceEqual(greedy)));
    }

    [Theory]
    [InlineData(BeamStopping.Heuristic)]
    [InlineData(BeamStopping.Early)]
    [InlineData(BeamStopping.Never)]
    public void Generate_Batch_GivesEachPromptWhatItGetsAlone(BeamStopping stopping)
    {
        using var model = Fixtures.LoadLlama();
        var options = new GenerationOptions { MaxNewTokens = 5, NumBeams = 3, EarlyStopping = stopping };
        int[] ends = [.. Enumerable.Range(0, 200)];
        var together = new TokenGenerator(model, options, ends).Ids([Prompt, [7, 8]], samples: 2);
        Assert.Equal([.. new TokenGenerator(model, options, ends).Ids([Prompt], samples: 2), .. new TokenGenerator(model, options, ends).Ids([[7, 8]], samples: 2)], together);
    }

    [Fact]
    public void Sample_SeveralCompletions_AreTheBestOfTheBeams()
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        var options = new GenerationOptions { MaxNewTokens = 4, NumBeams = 3, BatchSize = 2 };
        var three = ml.Preferences.Sample(model, ["hi!"], options, samplesPerPrompt: 3)[0].Responses;
        Assert.Equal(3, three.Count);
        Assert.Equal(three[0], ml.Preferences.Sample(model, ["hi!"], options, samplesPerPrompt: 1)[0].Responses[0]);
        Assert.StartsWith("4 completions of a prompt are asked for, and NumBeams is 3", Assert.Throws<ArgumentException>(() => ml.Preferences.Sample(model, ["hi!"], options, samplesPerPrompt: 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_BadWordThatIsTheEnd_IsAnError()
    {
        using var model = Fixtures.LoadLlama();
        Assert.Contains("BadWordsIds has 2, which ends a completion", Assert.Throws<ArgumentException>(() => new TokenGenerator(model, new GenerationOptions { BadWordsIds = [[2]] }, [2])).Message, StringComparison.Ordinal);
        Assert.Contains("LogitBias has 5000", Assert.Throws<ArgumentException>(() => new TokenGenerator(model, new GenerationOptions { LogitBias = new Dictionary<int, double> { [5000] = 1 } }, [])).Message, StringComparison.Ordinal);
    }
}
