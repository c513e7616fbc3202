using MLNet.Dpo.Statistics;
using Xunit;

namespace MLNet.Dpo.Tests.Statistics;

public sealed class IntervalTests
{
    [Fact]
    public void Wilson_KnownValues_AreThose()
    {
        var (lower, upper) = Interval.Wilson(0.8, 10);
        Assert.Equal(0.4902, lower, 4);
        Assert.Equal(0.9433, upper, 4);
        Assert.True(double.IsNaN(Interval.Wilson(0, 0).Lower));
        Assert.Equal(0, Interval.Wilson(0, 5).Lower, 12);
    }

    [Fact]
    public void Bootstrap_ManyValues_IsThatOfTheNormalDistribution()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 400).Select(_ => random.NextDouble()).ToList();
        var estimate = MeanEstimate.OfEach(values);
        var half = 1.96 * Math.Sqrt(values.Sum(v => Math.Pow(v - estimate.Mean, 2)) / 399 / 400);
        Assert.Equal(estimate.Mean - half, estimate.Lower, 0.006);
        Assert.Equal(estimate.Mean + half, estimate.Upper, 0.006);
    }

    [Fact]
    public void Bootstrap_RepeatedValuesOfAGroup_AreNoNewEvidence()
    {
        double[] values = [0, 1, 0, 1, 1, 1];
        var alone = Interval.Bootstrap([.. values.Select(v => (IReadOnlyList<double>)[v])]);
        Assert.Equal(alone, Interval.Bootstrap([.. values.Select(v => (IReadOnlyList<double>)[.. Enumerable.Repeat(v, 50)])]));
        Assert.True(double.IsNaN(Interval.Bootstrap([[1, 2]]).Lower));
    }
}
