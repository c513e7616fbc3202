using Microsoft.ML;
using MLNet.Dpo.Models;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Models;

public class CpuThreadsTests
{
    [Theory]
    [InlineData(0, 1_400_000, null, 16, 1)]
    [InlineData(0, CpuThreads.SmallModel - 1, null, 16, 1)]
    [InlineData(0, CpuThreads.SmallModel, null, 16, 16)]
    [InlineData(0, 135_000_000, null, 2, 2)]
    [InlineData(3, 1_400_000, null, 16, 3)]
    [InlineData(3, 135_000_000, "8", 16, 3)]
    [InlineData(0, 1_400_000, "8", 16, 8)]
    [InlineData(0, 135_000_000, "4,2", 16, 4)]
    [InlineData(0, 135_000_000, "100000", 16, CpuThreads.Most)]
    [InlineData(0, 135_000_000, "many", 16, 16)]
    [InlineData(0, 135_000_000, "", 16, 16)]
    [InlineData(0, 135_000_000, "0", 16, 16)]
    public void Choose_OptionThenEnvironmentThenSize_GivesTheNumber(int option, long parameters, string? ompNumThreads, int cores, int expected) =>
        Assert.Equal(expected, CpuThreads.Choose(option, parameters, ompNumThreads, cores));

    [Fact]
    public void Use_Scopes_EndWithTheNumberBefore()
    {
        var before = torch.get_num_threads();
        using (CpuThreads.Use(before + 1))
        {
            Assert.Equal(before + 1, torch.get_num_threads());
            using (CpuThreads.Use(before + 2)) Assert.Equal(before + 2, torch.get_num_threads());
            Assert.Equal(before + 1, torch.get_num_threads());
        }
        Assert.Equal(before, torch.get_num_threads());
    }

    [Fact]
    public void FitAndGenerate_OwnNumbers_HoldWhileTheyRun()
    {
        var ml = new MLContext(seed: 1);
        using var outside = CpuThreads.Use(3);
        var seen = new List<int>();
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, MaxSteps = 1, MaxLength = 64, Device = "cpu", NumThreads = 2 };
        options.Progress = new Reporter(() => seen.Add(torch.get_num_threads()));
        var data = ml.Data.TakeRows(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 2);
        using var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(data);
        Assert.NotEmpty(seen);
        Assert.All(seen, number => Assert.Equal(2, number));
        Assert.Equal((3, 2), (torch.get_num_threads(), model.LastTransformer.NumThreads));

        model.LastTransformer.NumThreads = 1;
        ml.Preferences.Generate(model, "hi", new GenerationOptions { MaxNewTokens = 2 });
        Assert.Equal(3, torch.get_num_threads());
        Assert.Throws<ArgumentException>(() => model.LastTransformer.NumThreads = -1);
        Assert.Throws<ArgumentException>(() => model.LastTransformer.NumThreads = 100_000);
        Assert.Throws<ArgumentException>(() => ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, numThreads: 100_000));
    }

    private sealed class Reporter(Action report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report();
    }
}
