using Microsoft.ML;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>What is outside the usual is said with its reason; what nobody set is not.</summary>
public class OptionAdviceTests
{
    public static TheoryData<string, Action<DpoTrainer.Options>> Unusual => new()
    {
        { "LearningRate is 0.003; for LoRA one guide advises 1e-4 to 2e-4, another 5e-6 to 1e-5", o => o.LearningRate = 3e-3 },
        { "LearningRate is 1E-06; for LoRA", o => o.LearningRate = 1e-6 },
        { "LearningRate is 0.0001; for rsLoRA 1e-6 to 5e-6", o => (o.Lora, o.LearningRate) = (new LoraOptions { UseRsLora = true }, 1e-4) },
        { "LearningRate is 0.0001; to train all weights 5e-7 to 3e-6", o => (o.Lora, o.LearningRate) = (null, 1e-4) },
        { "Beta is 0.05; 0.1 to 0.5 is usual", o => o.Beta = 0.05 },
        { "Beta is 1; 0.1 to 0.5 is usual", o => o.Beta = 1 },
        { "LmLossScale is 12; 0 to 1 is usual", o => o.LmLossScale = 12 },
        { "passes over the data 4 times", o => o.Epochs = 4 },
        { "passes over the data 3.5 times", o => o.MaxSteps = 875 },
        { "The warm-up takes 750 steps (WarmupSteps) and the run 750", o => o.WarmupSteps = 750 },
        { "The warm-up takes 750 steps (WarmupRatio)", o => o.WarmupRatio = 1 },
        { "Lora.Alpha is 16 with UseRsLora and Rank 64; it should be at most the root of the rank, 8", o => o.Lora = new LoraOptions { UseRsLora = true, Alpha = 16 } },
    };

    [Theory]
    [MemberData(nameof(Unusual), DisableDiscoveryEnumeration = true)]
    public void Of_UnusualOption_SaysWhyInOneLine(string expected, Action<DpoTrainer.Options> change)
    {
        var line = Assert.Single(Advice(change, 1_000_000_000));
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Of_UsualOptions_SaysNothing()
    {
        Action<DpoTrainer.Options>[] usual =
        [
            _ => { }, o => o.Lora = null, o => o.Lora = new LoraOptions { UseRsLora = true }, o => o.Lora = new LoraOptions { UseRsLora = true, Rank = 32, Alpha = 4 },
            o => o.LearningRate = 1e-5, o => o.LearningRate = 2e-4, o => (o.Lora, o.LearningRate) = (null, 3e-6), o => o.Beta = 0.5, o => o.LmLossScale = 1, o => o.MaxSteps = 10, o => o.WarmupRatio = 0.1,
            o => (o.LossType, o.Beta) = (DpoLossType.Simpo, 2),
        ];
        Assert.All(usual, change => Assert.Empty(Advice(change, 1_000_000_000)));
    }

    [Fact]
    public void Of_SmallModel_MayHaveAHigherRate()
    {
        Assert.Empty(Advice(o => o.LearningRate = 1e-3, 1_400_000));
        Assert.Contains("a model of 1.4 million weights bears up to ten times that", Assert.Single(Advice(o => o.LearningRate = 1e-2, 1_400_000)), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FewPairs_SaysHowManyAreAdvised() =>
        Assert.Contains("There are 40 pairs to train on; 2,000 to 3,000", Assert.Single(OptionAdvice.Of(new DpoTrainer.Options(), new RunSize(new StepPlan(5, 15), 40, 1_000_000))), StringComparison.Ordinal);

    [Fact]
    public void Of_Sft_HasRangesOfItsOwn() =>
        Assert.Empty(OptionAdvice.Of(new SftTrainer.Options { Lora = null, LearningRate = 2e-3, Epochs = 40 }, new RunSize(new StepPlan(5, 200), 0, 1_000_000)));

    [Theory]
    [InlineData(64, false, null, 64)]
    [InlineData(16, false, null, 16)]
    [InlineData(16, false, 32.0, 32)]
    [InlineData(64, true, null, 6)]
    [InlineData(32, true, null, 4)]
    [InlineData(1, true, null, 1)]
    public void Lora_AlphaNotSet_IsThatOfTheMethod(int rank, bool rsLora, double? alpha, double expected) =>
        Assert.Equal(expected, new LoraOptions { Rank = rank, UseRsLora = rsLora, Alpha = alpha }.AlphaUsed);

    [Fact]
    public void LearningRate_NotSet_IsThatOfTheMethod()
    {
        var rsLora = new LoraOptions { UseRsLora = true };
        Assert.Equal(LearningRates.Lora, new DpoTrainer.Options().RateUsed);
        Assert.Equal((5e-6, 1e-6), (new DpoTrainer.Options { Lora = rsLora }.RateUsed, new DpoTrainer.Options { Lora = null }.RateUsed));
        Assert.Equal((LearningRates.Lora, 2e-5), (new SftTrainer.Options { Lora = rsLora }.RateUsed, new SftTrainer.Options { Lora = null }.RateUsed));
        Assert.Equal(3e-4, new DpoTrainer.Options { LearningRate = 3e-4 }.RateUsed);
    }

    [Fact]
    public void LearningRate_AdapterToGoOnWith_IsThatOfItsMethod()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["adapter_config.json"], """{"peft_type": "LORA", "r": 4, "lora_alpha": 2, "use_rslora": true}""");
        Assert.Equal(5e-6, new DpoTrainer.Options { Lora = new LoraOptions { InitialAdapter = Path.GetDirectoryName(folder["adapter_config.json"]) } }.RateUsed);
    }

    [Fact]
    public void Fit_UnusualOption_IsAWarningInTheLog()
    {
        var ml = new MLContext(seed: 1);
        var lines = new List<string>();
        ml.Log += (_, e) => { if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning) lines.Add(e.RawMessage); };
        var rows = ml.Data.TakeRows(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 2);
        var tokens = ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(rows).Transform(rows);
        ml.Preferences.Trainers.Dpo(new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, MaxSteps = 1, Beta = 0.9, Device = "cpu" }).Fit(tokens).Dispose();
        Assert.Single(lines, line => line.StartsWith("Beta is 0.9; 0.1 to 0.5 is usual", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("There are ", StringComparison.Ordinal));
    }

    private static IReadOnlyList<string> Advice(Action<DpoTrainer.Options> change, long parameters)
    {
        var options = new DpoTrainer.Options { BaseModel = "folder" };
        change(options);
        return OptionAdvice.Of(options, new RunSize(StepPlan.Of(options, 2000), 2000, parameters));
    }
}
