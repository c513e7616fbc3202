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
        { "LossType", o => o.LossType = null! },
        { "LabelSmoothing", o => { o.LossType = DpoLossType.Robust; o.LabelSmoothing = 0.5; } },
        { "LabelSmoothing", o => { o.LossType = DpoLossType.Robust; o.LabelSmoothing = double.NaN; } },
        { "LabelSmoothing", o => { o.LossType = DpoLossType.Robust; o.LabelSmoothing = -0.1; } },
        { "LabelSmoothing", o => o.LossType = DpoLossType.ExoPair },
        { "sigmoid does not read it", o => o.LabelSmoothing = 0.1 },
        { "ipo does not read it", o => { o.LossType = DpoLossType.Ipo; o.LabelSmoothing = 0.1; } },
        { "DiscopopTau", o => { o.LossType = DpoLossType.Discopop; o.DiscopopTau = 0; } },
        { "DiscopopTau", o => { o.LossType = DpoLossType.Discopop; o.DiscopopTau = 1.5; } },
        { "robust does not read it", o => { o.LossType = DpoLossType.Robust; o.DiscopopTau = 0.05; } },
        { "PairWeighting", o => o.PairWeighting = (PairWeighting)7 },
        { "PairWeighting is Rows, but LossType aot", o => { o.LossType = DpoLossType.Aot; o.PairWeighting = PairWeighting.Rows; } },
        { "SimpoGamma", o => { o.LossType = DpoLossType.Simpo; o.SimpoGamma = -1; } },
        { "sigmoid does not read it; leave it null, or use simpo", o => o.SimpoGamma = 0.5 },
        { "DpoLossScale", o => o.DpoLossScale = -1 },
        { "DpoLossScale and LmLossScale", o => o.DpoLossScale = 0 },
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

    [Theory]
    [InlineData("robust", 0.1, null)]
    [InlineData("robust", 0, null)]
    [InlineData("exo_pair", 1e-3, null)]
    [InlineData("discopop", 0, null)]
    [InlineData("discopop", 0, 1.0)]
    [InlineData("hinge", 0, null)]
    public void Validate_LossWithItsOwnOptions_Passes(string type, double smoothing, double? tau) =>
        new DpoTrainer.Options { BaseModel = "folder", LossType = DpoLossType.Parse(type), LabelSmoothing = smoothing, DiscopopTau = tau }.Validate();

    [Fact]
    public void Validate_OneLossAfterTheOther_RefusesWhatItDoesNotRead()
    {
        foreach (var type in DpoLossType.All)
        {
            var reads = type.Name is "robust" or "exo_pair" or "aot" or "aot_unpaired" or "simpo";
            var options = new DpoTrainer.Options { BaseModel = "folder", LossType = type, LabelSmoothing = 0.1 };
            Assert.Equal(reads, Record.Exception(options.Validate) is null);
            options = new DpoTrainer.Options { BaseModel = "folder", LossType = type, LabelSmoothing = type == DpoLossType.ExoPair ? 0.1 : 0, DiscopopTau = 0.5 };
            Assert.Equal(type == DpoLossType.Discopop, Record.Exception(options.Validate) is null);
        }
    }
}
