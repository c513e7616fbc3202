using MLNet.Dpo.Training.Objectives;
using Xunit;

namespace MLNet.Dpo.Tests.Training.Objectives;

public sealed class TokenWeightsTests
{
    private static readonly float[] Logps = [-1, -2, -4, -8];

    [Theory]
    [InlineData(null, -15)]
    [InlineData(1.0, -15)]
    [InlineData(0.0, -3)]
    [InlineData(0.25, -6)]
    public void Sum_LongerThanTheOther_CountsTheRestByAlpha(double? alpha, double expected) =>
        Assert.Equal(expected, new TokenWeights(alpha).Sum(Logps, otherLength: 2));

    [Fact]
    public void Sum_NotLongerThanTheOther_CountsInFull() =>
        Assert.Equal(-15, new TokenWeights(0).Sum(Logps, otherLength: 4));

    [Fact]
    public void Spread_AddsToWhatIsThere()
    {
        float[] tokens = [1, 1, 1, 1];
        new TokenWeights(0.5).Spread(2, tokens, otherLength: 3);
        Assert.Equal([3, 3, 3, 2], tokens);
    }
}
