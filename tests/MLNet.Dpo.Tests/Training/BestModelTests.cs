using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>Which evaluation is the best, and when there were enough of them.</summary>
public class BestModelTests
{
    [Theory]
    [InlineData("loss", 2, 0, new[] { 0.6, 0.5, 0.7, 0.55 }, 2, 4)]              // lower is better
    [InlineData("loss", 2, 0, new[] { 0.6, 0.7, 0.5, 0.55, 0.5 }, 3, 5)]         // an equal one is no better
    [InlineData("rewards/accuracies", 1, 0, new[] { 0.6, 0.7, 0.65 }, 2, 3)]     // higher is better
    [InlineData("eval_rewards/margins", 1, 0, new[] { 0.6, 0.7, 0.65 }, 2, 3)]
    [InlineData("loss", 2, 0.1, new[] { 0.6, 0.55, 0.52 }, 3, 3)]                // better, but by less than the threshold: the best, and no progress
    [InlineData("loss", 2, 0, new[] { double.NaN, 0.6, double.NaN, double.PositiveInfinity }, 2, 4)]
    [InlineData("loss", 2, 0, new[] { double.NaN, double.NaN }, 0, 2)]
    [InlineData("loss", 0, 0, new[] { 0.6, 0.7, 0.8, 0.9 }, 1, 0)]
    public void Take_Series_FindsTheBestAndStops(string metric, int patience, double threshold, double[] values, int best, int stop)
    {
        var options = new DpoTrainer.Options { MetricForBestModel = metric, EarlyStoppingPatience = patience, EarlyStoppingThreshold = threshold };
        var model = new BestModel(options, BestEvaluation.None);
        var stopped = 0;
        foreach (var (i, value) in values.Index())
        {
            // As a run would that is resumed after each evaluation.
            model = new BestModel(options, model.State);
            var isBest = model.Take(i + 1, new Dictionary<string, double> { [BestModel.MetricName(options)] = value });
            Assert.Equal(isBest, model.State.Step == i + 1);
            if (model.IsTimeToStop && stopped == 0) stopped = i + 1;
        }
        Assert.Equal((best, stop), (model.State.Step, stopped));
    }

    [Fact]
    public void IsGreaterBetter_NotSaid_IsAsInTransformers()
    {
        Assert.False(BestModel.IsGreaterBetter(new DpoTrainer.Options()));
        Assert.False(BestModel.IsGreaterBetter(new DpoTrainer.Options { MetricForBestModel = "dpo_loss" }));
        Assert.True(BestModel.IsGreaterBetter(new DpoTrainer.Options { MetricForBestModel = "rewards/margins" }));
        Assert.True(BestModel.IsGreaterBetter(new DpoTrainer.Options { GreaterIsBetter = true }));
    }
}
