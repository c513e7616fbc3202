using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>What must not change the result of a training, and what must stop it.</summary>
public class TrainingLoopTests
{
    [Fact]
    public void Run_SmallMicroBatches_GivesTheSameWeights()
    {
        var whole = Train(o => o.MaxTokensPerMicroBatch = 4096);
        var split = Train(o => o.MaxTokensPerMicroBatch = 1);
        Assert.Equal(whole.Length, split.Length);
        Assert.All(whole.Zip(split), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
    }

    [Fact]
    public void Run_SameSeed_GivesTheSameBits() => Assert.Equal(Train(_ => { }), Train(_ => { }));

    [Fact]
    public void Run_OtherSeed_GivesOtherWeights() => Assert.NotEqual(Train(_ => { }), Train(o => o.Seed = 43));

    [Theory]
    [InlineData("sigmoid")]
    [InlineData("aot")]
    public void Run_Resumed_EndsWithTheSameBitsAsOneNeverStopped(string loss)
    {
        using var folder = new TemporaryFolder();
        var expected = Train(o => { o.LossType = DpoLossType.Parse(loss); o.OutputDirectory = folder["whole"]; });
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train(o =>
        {
            o.LossType = DpoLossType.Parse(loss);
            o.OutputDirectory = folder["stopped"];
            o.SaveSteps = 2;
            o.CancellationToken = cancellation.Token;
            o.Progress = new Reporter(p => { if (p is { Phase: TrainingPhase.Train, Step: 3 }) cancellation.Cancel(); });
        }));
        var resumed = Train(o =>
        {
            o.LossType = DpoLossType.Parse(loss);
            o.OutputDirectory = folder["stopped"];
            o.ResumeFromCheckpoint = Path.Combine(folder["stopped"], "checkpoint-2");
        });
        Assert.Equal(expected, resumed);
        Assert.Equal(File.ReadAllLines(Path.Combine(folder["whole"], "metrics.jsonl")), File.ReadAllLines(Path.Combine(folder["stopped"], "metrics.jsonl")));
    }

    [Fact]
    public void Run_MaxStepsBeyondEpochs_GoesThroughTheDataAgain()
    {
        var steps = new List<TrainingProgress>();
        Train(o => (o.Epochs, o.MaxSteps, o.Progress) = (1, 5, new Reporter(steps.Add)));
        Assert.Equal([0.5, 1, 1.5, 2, 2.5], steps.Select(s => s.Epoch));
        Assert.All(steps, s => Assert.Equal(5, s.TotalSteps));
    }

    [Fact]
    public void Run_MaxStepsOfTwoEpochs_GivesTheBitsOfTwoEpochs() => Assert.Equal(Train(_ => { }), Train(o => (o.Epochs, o.MaxSteps) = (1, 4)));

    [Fact]
    public void Run_LargestNumbers_DoNotOverflow()
    {
        var steps = new List<TrainingProgress>();
        Train(o => (o.Epochs, o.MaxSteps, o.BatchSize, o.Progress) = (1_000_000_000, 3, int.MaxValue, new Reporter(steps.Add)));
        Assert.Equal(3, steps.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_LastStepRuinsTheWeights_IsNoticed(bool lora)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<NonFiniteLossException>(() => Train(o =>
        {
            (o.LearningRate, o.MaxSteps, o.WarmupSteps, o.OutputDirectory) = (1e9, 1, 0, folder["run"]);
            if (!lora) o.Lora = null;
        }));
        Assert.Contains("Lower LearningRate", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(folder["run"]));
    }

    [Fact]
    public void Run_LossBecomesNaN_StopsAndNamesTheRow()
    {
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Device = "cpu" };
        using var run = PrepareRun(options);
        using (torch.no_grad()) run.Value.Model.Parameters["model.norm.weight"].fill_(float.NaN);
        var rows = Fixtures.Pairs(2);
        var reference = new ReferenceLogps();
        reference.Add(run.Value.Model, rows, 512, _ => { }, default);
        var objective = new DpoObjective(run.Value.Model, options.ToSettings(), reference);

        var error = Assert.Throws<NonFiniteLossException>(() => objective.AccumulateGradients(rows));
        Assert.Equal(0, error.Row);
        Assert.Contains("Row 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WholeTraining_LeavesNoTensorBehind()
    {
        Train(_ => { }); // operators and caches
        var before = Tensors.Settled();
        Train(_ => { });
        Assert.Equal(before, Tensors.Settled());
    }

    private static float[] Train(Action<DpoTrainer.Options> change) => TinyTraining.Train(change);

    private static Owned PrepareRun(TrainingOptions options) => new(TrainingRun.Prepare(options));

    private sealed record Owned(TrainingRun Value) : IDisposable
    {
        public void Dispose() => Value.Model.Dispose();
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
