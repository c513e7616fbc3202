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
        { "AdamBeta1 is 1; allowed: a number from 0 to below 1", o => o.AdamBeta1 = 1 },
        { "AdamBeta2 is 1", o => o.AdamBeta2 = 1 },
        { "AdamBeta2", o => o.AdamBeta2 = double.NaN },
        { "WeightDecay is 2; a step takes their product", o => (o.LearningRate, o.WeightDecay) = (1, 2) },
        { "which a float32 does not hold", o => (o.LearningRate, o.AdamBeta1) = (1e38, 0.9) },
        { "NumThreads is 100000; allowed: 0 to 1024", o => o.NumThreads = 100_000 },
        { "NumThreads is -1", o => o.NumThreads = -1 },
        { "Device", o => o.Device = "gpu" },
        { "SaveSteps", o => o.SaveSteps = 5 },
        { "Scheduler", o => o.Scheduler = (LearningRateScheduler)9 },
        { "SavesPerEpoch is 2 but OutputDirectory is null", o => o.SavesPerEpoch = 2 },
        { "SaveTotalLimit is 2 but OutputDirectory is null", o => o.SaveTotalLimit = 2 },
        { "LoadBestModelAtEnd is True but OutputDirectory is null", o => o.LoadBestModelAtEnd = true },
        { "SaveSteps is 5 and SavesPerEpoch is 2; give only one", o => (o.OutputDirectory, o.SaveSteps, o.SavesPerEpoch) = ("run", 5, 2) },
        { "SaveTotalLimit is -1", o => o.SaveTotalLimit = -1 },
        { "EarlyStoppingPatience is -1", o => o.EarlyStoppingPatience = -1 },
        { "EarlyStoppingThreshold is 0.1 but EarlyStoppingPatience is 0", o => o.EarlyStoppingThreshold = 0.1 },
        { "MetricForBestModel is blank", o => o.MetricForBestModel = " " },
        { "GreaterIsBetter is True, but no evaluations are compared", o => o.GreaterIsBetter = true },
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

    public static TheoryData<string, Action<DpoTrainer.Options, double>> Numbers => new()
    {
        { "LearningRate", (o, value) => o.LearningRate = value },
        { "Beta", (o, value) => o.Beta = value },
        { "DpoLossScale", (o, value) => o.DpoLossScale = value },
        { "LmLossScale", (o, value) => o.LmLossScale = value },
        { "LdAlpha", (o, value) => o.LdAlpha = Math.Abs(value) < 1 ? -1 : value },
        { "LabelSmoothing", (o, value) => (o.LossType, o.LabelSmoothing) = (DpoLossType.Robust, Math.Abs(value) < 1 ? -1 : value) },
        { "DiscopopTau", (o, value) => (o.LossType, o.DiscopopTau) = (DpoLossType.Discopop, value) },
        { "SimpoGamma", (o, value) => (o.LossType, o.SimpoGamma) = (DpoLossType.Simpo, value) },
        { "WarmupRatio", (o, value) => o.WarmupRatio = Math.Abs(value) < 1 ? -1 : value },
        { "MaxGradNorm", (o, value) => o.MaxGradNorm = value },
        { "WeightDecay", (o, value) => o.WeightDecay = value },
        { "AdamBeta1", (o, value) => o.AdamBeta1 = Math.Abs(value) < 1 ? -1 : value },
        { "AdamBeta2", (o, value) => o.AdamBeta2 = Math.Abs(value) < 1 ? -1 : value },
        { "AdamEpsilon", (o, value) => o.AdamEpsilon = value },
        { "EarlyStoppingThreshold", (o, value) => (o.EarlyStoppingPatience, o.EarlyStoppingThreshold) = (1, value) },
        { "Lora.Alpha", (o, value) => o.Lora!.Alpha = value },
        { "Lora.Dropout", (o, value) => o.Lora!.Dropout = Math.Abs(value) < 1 ? -1 : value },
        { "Lora.LoraPlusLrRatio", (o, value) => o.Lora!.LoraPlusLrRatio = value },
    };

    [Theory]
    [MemberData(nameof(Numbers), DisableDiscoveryEnumeration = true)]
    public void Validate_NumberThatNoFloatHolds_SaysWhichInOneLine(string name, Action<DpoTrainer.Options, double> change)
    {
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e39, double.MaxValue, 1e-46, double.Epsilon, -1 })
        {
            var options = new DpoTrainer.Options { BaseModel = "folder" };
            change(options, value);
            var error = Assert.Throws<ArgumentException>(options.Validate);
            Assert.StartsWith(name + " is ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void Validate_EveryNumber_IsAmongThoseChecked() => Assert.Equal(
        typeof(DpoTrainer.Options).GetProperties().Concat(typeof(LoraOptions).GetProperties().Select(p => p))
            .Where(p => p.PropertyType == typeof(double) || p.PropertyType == typeof(double?)).Select(p => p.Name).Order(),
        Numbers.Select(row => ((string)row[0]).Split('.')[^1]).Order());

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
