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
    public void Run_ResumedWithOtherOptions_IsAnError()
    {
        using var folder = new TemporaryFolder();
        Train(o => { o.OutputDirectory = folder["run"]; o.SaveSteps = 2; });
        Fails("BatchSize = 2", o => o.BatchSize = 2);
        Fails("LossType hinge", o => o.LossType = DpoLossType.Hinge);
        Fails("Beta 0.3", o => o.Beta = 0.3);
        Fails("LmLossScale 0.5", o => o.LmLossScale = 0.5);

        void Fails(string expected, Action<DpoTrainer.Options> change)
        {
            var error = Assert.Throws<ArgumentException>(() => Train(o =>
            {
                change(o);
                o.ResumeFromCheckpoint = Path.Combine(folder["run"], "checkpoint-2");
            }));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void Run_ResumedWithAnotherAdapter_SaysWhatDiffers()
    {
        using var folder = new TemporaryFolder();
        Train(o => { o.OutputDirectory = folder["run"]; o.SaveSteps = 2; });
        var checkpoint = Path.Combine(folder["run"], "checkpoint-2");
        var rank = Assert.Throws<InvalidDataException>(() => Train(o => { o.Lora = new LoraOptions { Rank = 3 }; o.ResumeFromCheckpoint = checkpoint; }));
        Assert.Contains("same Lora options", rank.Message, StringComparison.Ordinal);
        var full = Assert.Throws<FileNotFoundException>(() => Train(o => { o.Lora = null; o.ResumeFromCheckpoint = checkpoint; }));
        Assert.Contains("Lora = null", full.Message, StringComparison.Ordinal);
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
        var before = Settled();
        Train(_ => { });
        Assert.Equal(before, Settled());
    }

    private static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }

    // Six rows in batches of three, two epochs: four steps.
    private static float[] Train(Action<DpoTrainer.Options> change)
    {
        var options = new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Lora = new LoraOptions { Rank = 4, Alpha = 8 },
            LearningRate = 1e-3,
            Epochs = 2,
            BatchSize = 3,
            WarmupSteps = 1,
            Device = "cpu",
        };
        change(options);
        options.Validate();
        using var run = PrepareRun(options);
        var rows = Fixtures.Pairs(6);
        var reference = new ReferenceLogps();
        reference.Add(run.Value.Model, rows, options.MaxTokensPerMicroBatch, _ => { }, default);
        var objective = new DpoObjective(run.Value.Model, options.ToSettings(), reference);
        new TrainingLoop(options, run.Value, objective, new TrainingReport(options, _ => { })).Run(rows, []);
        return [.. run.Value.Parameters.SelectMany(p =>
        {
            using var scope = torch.NewDisposeScope();
            return p.Value.detach().data<float>().ToArray();
        })];
    }

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
