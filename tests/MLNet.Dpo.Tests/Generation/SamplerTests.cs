using MLNet.Dpo.Generation;
using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class SamplerTests
{
    private static readonly float[] Logits = [MathF.Log(0.1f), MathF.Log(0.4f), MathF.Log(0.2f), MathF.Log(0.3f)];

    [Fact]
    public void Candidates_TopK_KeepsTheMostProbable()
    {
        var kept = Sampler.Candidates(Logits, new GenerationOptions { Temperature = 1, TopK = 2 });
        Assert.Equal([1, 3], kept.Select(c => c.Id));
        Assert.Equal(4.0 / 7, kept[0].Probability, 1e-6);
    }

    [Theory]
    [InlineData(0.4, 1)]
    [InlineData(0.45, 2)]
    [InlineData(0.71, 3)]
    [InlineData(1.0, 4)]
    public void Candidates_TopP_KeepsTheSmallestSetThatReachesIt(double topP, int expected) =>
        Assert.Equal(expected, Sampler.Candidates(Logits, new GenerationOptions { Temperature = 1, TopP = topP }).Count);

    [Theory]
    [InlineData(0.0, 4)]
    [InlineData(0.4, 3)]
    [InlineData(0.7, 2)]
    [InlineData(1.0, 1)]
    public void Candidates_MinP_KeepsThoseWithThatShareOfTheBest(double minP, int expected)
    {
        var kept = Sampler.Candidates(Logits, new GenerationOptions { Temperature = 1, MinP = minP });
        Assert.Equal(expected, kept.Count);
        Assert.Equal(1, kept.Sum(c => c.Probability), 1e-12);
    }

    [Theory]
    [InlineData(0.25, "3")] // entropy 1.28; surprises 0.92, 1.20, 1.61, 2.30 of tokens 1, 3, 2, 0
    [InlineData(0.45, "3 2")]
    [InlineData(0.85, "1 3 2")]
    [InlineData(1.0, "1 3 2 0")]
    public void Candidates_TypicalP_KeepsThoseOfExpectedSurprise(double typicalP, string expected)
    {
        var kept = Sampler.Candidates(Logits, new GenerationOptions { Temperature = 1, TypicalP = typicalP });
        Assert.Equal(expected, string.Join(' ', kept.Select(c => c.Id)));
        Assert.Equal(1, kept.Sum(c => c.Probability), 1e-12);
    }

    [Theory]
    [InlineData(0.15, 0, 3)]
    [InlineData(0.5, 0, 1)]
    [InlineData(0, 0.05, 4)]
    [InlineData(0, 0.5, 3)] // root 0.71 times exp(-1.28) is 0.197
    public void Candidates_Cutoffs_KeepTheProbable(double epsilon, double eta, int expected) =>
        Assert.Equal(expected, Sampler.Candidates(Logits, new GenerationOptions { Temperature = 1, EpsilonCutoff = epsilon, EtaCutoff = eta }).Count);

    [Fact]
    public void Candidates_TiesAtTopK_AreAllKept() =>
        Assert.Equal(3, Sampler.Candidates([1f, 1f, 1f, 0f], new GenerationOptions { Temperature = 1, TopK = 2 }).Count);

    [Fact]
    public void Candidates_Temperature_SharpensTheDistribution() =>
        Assert.Equal(0.16 / (0.01 + 0.16 + 0.04 + 0.09), Sampler.Candidates(Logits, new GenerationOptions { Temperature = 0.5 })[0].Probability, 1e-6);

    [Fact]
    public void Next_ManyDraws_FollowTheProbabilities()
    {
        var random = new Random(1);
        var counts = new int[4];
        for (var i = 0; i < 20_000; i++) counts[Sampler.Next(Logits, new GenerationOptions { Temperature = 1 }, random)]++;
        Assert.Equal(0.4, counts[1] / 20_000.0, 0.02);
        Assert.Equal(0.1, counts[0] / 20_000.0, 0.02);
    }

    [Fact]
    public void Next_BannedToken_IsNeverChosen()
    {
        var random = new Random(1);
        Assert.All(Enumerable.Range(0, 200), _ => Assert.Equal(1, Sampler.Next([float.NegativeInfinity, 0, float.NegativeInfinity], new GenerationOptions { Temperature = 1, TopK = 2 }, random)));
    }

    [Theory]
    [InlineData(0, float.NegativeInfinity)]
    [InlineData(0, float.NaN)]
    [InlineData(1, float.NegativeInfinity)]
    [InlineData(1, float.NaN)]
    public void Next_NoTokenLeft_SaysSo(double temperature, float logit) =>
        Assert.Throws<InvalidOperationException>(() => Sampler.Next([logit, logit], new GenerationOptions { Temperature = temperature }, new Random(1)));

    [Theory]
    [InlineData("NaN 1 2", "token 0 is NaN")]
    [InlineData("1 NaN 2", "token 1 is NaN")]
    [InlineData("-Infinity 1 NaN", "token 2 is NaN")]
    [InlineData("1 Infinity 2", "token 1 is +inf")]
    public void Next_LogitThatIsNoNumber_NamesTheToken(string logits, string expected)
    {
        float[] values = [.. logits.Split(' ').Select(value => float.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];
        foreach (var options in new GenerationOptions[] { new(), new() { Temperature = 1 }, new() { Temperature = 1, TopK = 2, TopP = 0.5, MinP = 0.1 } })
            Assert.Contains(expected, Assert.Throws<InvalidOperationException>(() => Sampler.Next(values, options, new Random(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_TemperatureZero_TakesTheMostProbable() => Assert.Equal(1, Sampler.Next(Logits, new GenerationOptions(), new Random(1)));
}
