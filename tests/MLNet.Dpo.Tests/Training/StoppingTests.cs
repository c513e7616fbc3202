using System.Reflection;
using Microsoft.ML;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>When a run is saved, what is kept of it, when it stops, and which of its states is the result.</summary>
public sealed class StoppingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    // The validation rows are the training rows turned round: the better the one goes, the worse the other.
    private static IReadOnlyList<PreferenceExample> Turned => [.. Fixtures.Pairs(6).Select(row => new PreferenceExample(row.Row, row.Prompt, row.Responses, [.. row.Scores.Reverse()]))];

    private static void Rising(DpoTrainer.Options o) =>
        (o.Scheduler, o.WarmupSteps, o.Epochs, o.EvalSteps, o.SaveSteps, o.EarlyStoppingPatience) = (LearningRateScheduler.Constant, 0, 4, 1, 1, 2);

    [Fact]
    public void Run_ValidationGetsWorse_StopsWithTheBestModel()
    {
        var best = TinyTraining.Train(o => { Rising(o); (o.EarlyStoppingPatience, o.EvalSteps, o.SaveSteps, o.MaxSteps) = (0, 0, 0, 1); });
        Assert.Equal(best, Train(o => { Rising(o); o.LoadBestModelAtEnd = true; }));
        Assert.Equal(["checkpoint-3", "checkpoint-2", "checkpoint-1"], Kept());
        Assert.Contains(_notes, n => n.StartsWith("Training stopped after step 3 of 8: 2 evaluations in a row were no better. The best was step 1, eval_loss ", StringComparison.Ordinal));
        Assert.Contains(_notes, n => n.StartsWith("The model is that of the best evaluation: step 1,", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_BestNotLoaded_EndsWithTheLast()
    {
        var third = TinyTraining.Train(o => { Rising(o); (o.EarlyStoppingPatience, o.EvalSteps, o.SaveSteps, o.MaxSteps) = (0, 0, 0, 3); });
        Assert.Equal(third, Train(Rising));
    }

    [Fact]
    public void Resume_FromAnyCheckpoint_StopsAndChoosesAlike()
    {
        void Options(DpoTrainer.Options o)
        {
            Rising(o);
            o.LoadBestModelAtEnd = true;
        }

        var whole = Train(Options);
        var metrics = File.ReadAllText(Path.Combine(Run, MetricsFile.Name));
        foreach (var step in new[] { 1, 2, 3 })
        {
            Assert.Equal(whole, Train(o => { Options(o); o.ResumeFromCheckpoint = Path.Combine(Run, $"checkpoint-{step}"); }));
            Assert.Equal(metrics, File.ReadAllText(Path.Combine(Run, MetricsFile.Name)));
        }
        Assert.Equal(whole, Train(o => { Options(o); (o.ResumeFromCheckpoint, o.OutputDirectory) = (Path.Combine(Run, "checkpoint-2"), _folder["other"]); }));
        Assert.Contains("EvalSteps (1 there, 2 here)", Assert.Throws<ArgumentException>(() => Train(o => { Options(o); (o.ResumeFromCheckpoint, o.EvalSteps) = ("latest", 2); })).Message, StringComparison.Ordinal);
        Assert.Contains("ValidationData (content ", Assert.Throws<ArgumentException>(() => Train(o => { Options(o); o.ResumeFromCheckpoint = "latest"; }, Fixtures.Pairs(5))).Message, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(Run, "checkpoint-1"), recursive: true);
        Assert.Contains("checkpoint-1", Assert.Throws<FileNotFoundException>(() => Train(o => { Options(o); o.ResumeFromCheckpoint = "latest"; })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, new[] { 3, 1 })]
    [InlineData(2, new[] { 3, 1 })]
    [InlineData(3, new[] { 3, 2, 1 })]
    [InlineData(0, new[] { 3, 2, 1 })]
    public void Run_Limit_KeepsBestAndNewest(int limit, int[] kept)
    {
        Train(o => { Rising(o); o.SaveTotalLimit = limit; });
        Assert.Equal(kept.Select(step => $"checkpoint-{step}"), Kept());
    }

    [Fact]
    public void Run_LimitWithoutEvaluations_KeepsTheNewest()
    {
        TinyTraining.Train(o => (o.OutputDirectory, o.SaveSteps, o.SaveTotalLimit) = (Run, 1, 2));
        Assert.Equal(["checkpoint-4", "checkpoint-3"], Kept());
    }

    [Fact]
    public void Run_BestBetweenSaves_IsSaved()
    {
        Train(o => { Rising(o); (o.SaveSteps, o.MetricForBestModel, o.EarlyStoppingPatience) = (4, "rewards/accuracies", 0); });
        Assert.Equal(["checkpoint-8", "checkpoint-4", "checkpoint-1"], Kept());
    }

    [Theory]
    [InlineData(1, new[] { 12, 6 })]
    [InlineData(2, new[] { 12, 9, 6, 3 })]
    [InlineData(4, new[] { 12, 11, 9, 8, 6, 5, 3, 2 })]
    [InlineData(100, new[] { 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 })]
    public void IsSaveDue_PartsOfAnEpoch_AreEven(int parts, int[] steps)
    {
        var options = new DpoTrainer.Options { BatchSize = 1, Epochs = 2, SavesPerEpoch = parts };
        var plan = StepPlan.Of(options, 6);
        Assert.Equal(steps.Reverse(), Enumerable.Range(0, plan.Total).Where(step => plan.IsSaveDue(step, options)).Select(step => step + 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_Cancelled_KeepsItsStepsAndSaysWhere(bool saved)
    {
        var whole = TinyTraining.Train(_ => { });
        using var cancellation = new CancellationTokenSource();
        var error = Assert.Throws<OperationCanceledException>(() => TinyTraining.Train(o =>
        {
            (o.OutputDirectory, o.SaveSteps, o.CancellationToken) = (Run, saved ? 1 : 100, cancellation.Token);
            o.Progress = new Reporter(p => { if (p.Step == 3) cancellation.Cancel(); });
        }));
        var checkpoint = Path.Combine(Run, "checkpoint-3");
        Assert.Equal($"Training was cancelled after 3 steps; they are kept: go on with ResumeFromCheckpoint = \"latest\" or \"{checkpoint}\".", error.Message);
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Equal(whole, TinyTraining.Train(o => (o.OutputDirectory, o.SaveSteps, o.ResumeFromCheckpoint) = (Run, saved ? 1 : 100, "latest")));
    }

    [Fact]
    public void Run_CancelledBeforeItsFirstStep_SaysThatThereIsNothing()
    {
        var error = Assert.Throws<OperationCanceledException>(() => TinyTraining.Train(o => (o.OutputDirectory, o.CancellationToken) = (Run, new CancellationToken(canceled: true))));
        Assert.DoesNotContain("checkpoint", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetDirectories(Run));
    }

    [Fact]
    public void Fit_ContextCancelled_KeepsItsSteps()
    {
        var ml = new MLContext(seed: 1);
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, BatchSize = 2, OutputDirectory = Run, Device = "cpu" };
        options.Progress = new Reporter(p => { if (p is { Phase: TrainingPhase.Train, Step: 1 }) typeof(MLContext).GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(ml, null); });
        var error = Assert.Throws<OperationCanceledException>(() => Fit(ml, options, null));
        Assert.Contains(Path.Combine(Run, "checkpoint-1"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NothingToChooseBy_IsAnErrorBeforeTheFirstStep()
    {
        Assert.Contains("MetricForBestModel is 'acuracy'; this run's evaluations have eval_loss,", Assert.Throws<ArgumentException>(() => Train(o => o.MetricForBestModel = "acuracy")).Message, StringComparison.Ordinal);
        Assert.Contains("EvalSteps is 9, but the run has 4 steps", Assert.Throws<ArgumentException>(() => Train(o => (o.EvalSteps, o.MetricForBestModel) = (9, "loss"))).Message, StringComparison.Ordinal);
        Assert.Contains("no validation data to compare", Assert.Throws<ArgumentException>(() => Fit(new MLContext(), new DpoTrainer.Options { BaseModel = Fixtures.Llama, EarlyStoppingPatience = 1 }, null)).Message, StringComparison.Ordinal);
        Assert.Empty(Kept());
    }

    private float[] Train(Action<DpoTrainer.Options> change, IReadOnlyList<PreferenceExample>? validation = null)
    {
        _notes.Clear();
        return TinyTraining.Train(o => { o.OutputDirectory = Run; change(o); }, null, _notes.Add, validation ?? Turned);
    }

    private IEnumerable<string?> Kept() => RunFolder.CheckpointsIn(Run).Select(Path.GetFileName);

    private static void Fit(MLContext ml, DpoTrainer.Options options, IDataView? validation)
    {
        var rows = ml.Data.TakeRows(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 4);
        var tokens = ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(rows).Transform(rows);
        ml.Preferences.Trainers.Dpo(options).Fit(tokens, validation).Dispose();
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
