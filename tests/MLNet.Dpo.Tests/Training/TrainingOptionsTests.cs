using Xunit;

namespace MLNet.Dpo.Tests.Training;

public class TrainingOptionsTests
{
    public static TheoryData<string, Action<DpoTrainer.Options>> Wrong => new()
    {
        { "BaseModel", o => o.BaseModel = " " },
        { "Beta", o => o.Beta = 0 },
        { "Beta", o => o.Beta = double.NaN },
        { "LdAlpha", o => o.LdAlpha = 1.5 },
        { "LmLossScale", o => o.LmLossScale = -1 },
        { "LearningRate", o => o.LearningRate = -1 },
        { "Epochs", o => o.Epochs = 0 },
        { "BatchSize", o => o.BatchSize = 0 },
        { "MaxLength", o => o.MaxLength = 1 },
        { "MaxTokensPerMicroBatch", o => o.MaxTokensPerMicroBatch = 0 },
        { "WarmupRatio", o => o.WarmupRatio = 1.5 },
        { "WarmupSteps", o => { o.WarmupSteps = 3; o.WarmupRatio = 0.1; } },
        { "WeightDecay", o => o.WeightDecay = double.PositiveInfinity },
        { "AdamBeta1", o => o.AdamBeta1 = 1.1 },
        { "Device", o => o.Device = "gpu" },
        { "SaveSteps", o => o.SaveSteps = 5 },
        { "Scheduler", o => o.Scheduler = (LearningRateScheduler)9 },
        { "Lora.Rank", o => o.Lora!.Rank = 0 },
        { "Lora.TargetModules", o => o.Lora!.TargetModules = [] },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Validate_WrongOption_SaysWhichInOneLine(string name, Action<DpoTrainer.Options> change)
    {
        var options = new DpoTrainer.Options { BaseModel = "folder" };
        options.Validate();
        change(options);
        var error = Assert.Throws<ArgumentException>(options.Validate);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
