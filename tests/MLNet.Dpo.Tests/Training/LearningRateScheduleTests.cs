using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

public class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateScheduler.Linear, new[] { 0, 0.5, 1, 0.75, 0.5, 0.25 })]
    [InlineData(LearningRateScheduler.Cosine, new[] { 0, 0.5, 1, 0.8535533905932737, 0.5, 0.14644660940672627 })]
    [InlineData(LearningRateScheduler.Constant, new[] { 0, 0.5, 1, 1, 1, 1.0 })]
    public void At_WarmupOfTwo_FollowsTransformers(LearningRateScheduler scheduler, double[] expected)
    {
        var schedule = new LearningRateSchedule(scheduler, Peak: 1, WarmupSteps: 2, TotalSteps: 6);
        Assert.All(expected.Index(), e => Assert.Equal(e.Item, schedule.At(e.Index), 1e-12));
    }
}
