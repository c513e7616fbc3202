using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

public class StepPlanTests
{
    [Theory]
    [InlineData(2, 0, 3, 7, 3, 6)]
    [InlineData(2, 5, 3, 7, 3, 5)]
    [InlineData(2, 50, 3, 7, 3, 50)]
    [InlineData(1_000_000_000, 3, 1, 7, 7, 3)]
    [InlineData(2, 0, int.MaxValue, 7, 1, 2)]
    [InlineData(int.MaxValue, 0, 7, 7, 1, int.MaxValue)]
    public void Of_EpochsMaxStepsBatchSize_CountsAsTransformers(int epochs, int maxSteps, int batchSize, int rows, int perEpoch, int total) =>
        Assert.Equal(new StepPlan(perEpoch, total), StepPlan.Of(new DpoTrainer.Options { Epochs = epochs, MaxSteps = maxSteps, BatchSize = batchSize }, rows));

    [Fact]
    public void Of_MoreStepsThanCanBeCounted_IsAnError() => Assert.Contains(
        "1000000000, which is 3000000000 steps",
        Assert.Throws<ArgumentException>(() => StepPlan.Of(new DpoTrainer.Options { Epochs = 1_000_000_000, BatchSize = 2 }, 6)).Message,
        StringComparison.Ordinal);
}
