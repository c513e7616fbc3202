using Microsoft.ML;
using MLNet.Dpo.Tests.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>Runs that differ in an option.</summary>
public sealed class SweepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);
    private readonly List<string> _log = [];

    public SweepTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Sweep_OneAtATime_KeepsWhatIsFinishedAndListsWhatFailed()
    {
        var options = Options(Beta(0.1, 0.3), LearningRate(1e-2, -1));
        var sweep = Run(options);
        Assert.Equal(["baseline", "Beta=0.3", "LearningRate=-1"], sweep.Runs.Select(run => run.Name));
        Assert.Equal([0.1, 0.3], sweep.Runs.Take(2).Select(run => run.Result!.Beta));
        Assert.Contains("LearningRate is -1", sweep.Runs[2].Error, StringComparison.Ordinal);
        Assert.Equal("0.3", sweep.Runs[1].Values["Beta"]);
        Assert.True(File.Exists(Path.Combine(sweep.Runs[1].Folder, "report.html")));

        // The reference is computed once: beta and rate do not change it.
        Assert.Single(Directory.GetDirectories(_folder["sweep/.references"]));
        Assert.Single(_log, line => line.Contains("tokens read from", StringComparison.Ordinal));

        _log.Clear();
        var again = Run(options);
        Assert.Equal([true, true, false], again.Runs.Select(run => run.WasKept));
        Assert.Equal(sweep.Runs.Take(2).Select(run => run.Result!.Preferences), again.Runs.Take(2).Select(run => run.Result!.Preferences));
        Assert.Equal(sweep.Runs[1].Name, again.Best(result => result.Beta).Name);

        Assert.Contains("failed", again.ToString(), StringComparison.Ordinal);
        Assert.Contains("LearningRate=-1: LearningRate is -1", again.ToString(), StringComparison.Ordinal);
        again.SaveHtml(_folder["sweep.html"]);
        var page = File.ReadAllText(_folder["sweep.html"]);
        foreach (var part in new[] { "accuracy by Beta", "loss by Beta", ">0.3</text>", "LearningRate is -1" }) Assert.Contains(part, page, StringComparison.Ordinal);

        options.OnError = SweepErrorHandling.Stop;
        Assert.Throws<ArgumentException>(() => Run(options));
    }

    [Fact]
    public void Sweep_StoppedInTheMiddleOfARun_GoesOnThere()
    {
        var whole = Run(Options(Beta(0.3, 0.5)), "whole");
        using var stop = new CancellationTokenSource();
        var options = Options(Beta(0.3, 0.5));
        options.Comparison = new ComparisonOptions { CancellationToken = stop.Token };
        var steps = 0;
        options.Baseline!.Progress = new Counting(() =>
        {
            if (++steps == 7) stop.Cancel(); // the third step of the second run
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Run(options));
        Assert.False(File.Exists(_folder["sweep/Beta=0.3/result.json"]));
        Assert.True(Directory.Exists(_folder["sweep/Beta=0.3/checkpoint-2"]));

        options.Comparison = null;
        steps = 100;
        var resumed = Run(options);
        Assert.InRange(steps, 105, 106); // one or two steps of the second run and four of the third were left
        Assert.Equal([true, false, false], resumed.Runs.Select(run => run.WasKept));
        Assert.Equal(whole.Runs.Select(run => run.Result!.Preferences), resumed.Runs.Select(run => run.Result!.Preferences));
    }

    [Fact]
    public void Sweep_KilledAgainAndAgain_EndsAsOneThatNeverStopped()
    {
        var whole = TinyRuns.Sweep(_ml, _folder["whole"]);
        for (var kill = 0; kill < 3; kill++)
        {
            using var child = new ChildTraining(ChildTraining.Sweep, _folder["sweep"]);
            for (var word = 0; word < 7 && child.Next() is not null; word++) child.GoOn();
        }
        var resumed = TinyRuns.Sweep(_ml, _folder["sweep"]);
        Assert.Contains(resumed.Runs, run => run.WasKept);
        Assert.All(resumed.Runs, run => Assert.Null(run.Error));
        Assert.Equal(whole.Runs.Select(run => run.Result!.Preferences), resumed.Runs.Select(run => run.Result!.Preferences));
        foreach (var run in whole.Runs) Assert.Equal(File.ReadAllBytes(Path.Combine(run.Folder, "metrics.jsonl")), File.ReadAllBytes(_folder[$"sweep/{run.Name}/metrics.jsonl"]));
    }

    [Fact]
    public void Sweep_Grid_HasEveryCombination()
    {
        var options = Options(Beta(0.1, 0.3), SweepAxis.Of("Rank", o => o.Lora!.Rank, (o, value) => o.Lora!.Rank = value, 2, 4));
        (options.Mode, options.Baseline!.MaxSteps) = (SweepMode.Grid, 1);
        options.Prompts = ["Hi!"];
        options.Comparison = new ComparisonOptions { KlCompletions = 2, MaxNewTokens = 2, Generation = new GenerationOptions { MaxNewTokens = 2 }, Metrics = new Dictionary<string, Func<string, string, double>> { ["length"] = (_, answer) => answer.Length } };
        var sweep = Run(options);
        Assert.Equal(["Beta=0.1,Rank=2", "Beta=0.1,Rank=4", "Beta=0.3,Rank=2", "Beta=0.3,Rank=4"], sweep.Runs.Select(run => run.Name));
        Assert.All(sweep.Runs, run => Assert.Equal(2, run.Result!.Kl!.Count));
        sweep.SaveHtml(_folder["sweep.html"]);
        Assert.Contains("length by Rank", File.ReadAllText(_folder["sweep.html"]), StringComparison.Ordinal);
        Assert.Equal(4, options.Baseline.Lora!.Rank);

        // Judged otherwise, a run is not trained again.
        var before = File.ReadAllText(_folder["sweep/Beta=0.1,Rank=2/metrics.jsonl"]);
        options.Prompts = ["Why?"];
        var again = Run(options);
        Assert.All(again.Runs, run => Assert.False(run.WasKept));
        Assert.Equal(before, File.ReadAllText(_folder["sweep/Beta=0.1,Rank=2/metrics.jsonl"]));
        Assert.Equal(sweep.Runs.Select(run => run.Result!.Preferences), again.Runs.Select(run => run.Result!.Preferences));
    }

    [Fact]
    public void Sweep_FolderOfAnotherSweep_IsAnErrorOfTheRun()
    {
        var options = Options(Beta(0.1));
        options.Baseline!.MaxSteps = 1;
        Run(options);
        options.Baseline.Seed = 5;
        Assert.Contains("holds a run that differs in Seed", Assert.Single(Run(options).Runs).Error, StringComparison.Ordinal);
        options.Baseline.Seed = 42;
        var other = _ml.Preferences.Sweep(TinyRuns.Data(_ml, 5), TinyRuns.Data(_ml, 3), options);
        Assert.Contains("training data", other.Runs[0].Error, StringComparison.Ordinal);
        Assert.Contains("Every run of the sweep failed", Assert.Throws<InvalidOperationException>(() => other.Best(result => result.Beta)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_WhatIsNoSweep_IsAnError()
    {
        void Wrong(string expected, Action<SweepOptions> change)
        {
            var options = Options(Beta(0.1));
            options.OutputDirectory = "sweep";
            change(options);
            Assert.Contains(expected, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        }

        Wrong("Baseline is null", o => o.Baseline = null);
        Wrong("Baseline has OutputDirectory", o => o.Baseline!.OutputDirectory = "run");
        Wrong("OutputDirectory is blank", o => o.OutputDirectory = " ");
        Wrong("Axes is empty", o => o.Axes = []);
        Wrong("Two of the axes are named Beta", o => o.Axes = [Beta(0.1), Beta(0.3)]);
        Wrong("Mode is 7", o => o.Mode = (SweepMode)7);
        Wrong("OnError is 7", o => o.OnError = (SweepErrorHandling)7);
        Wrong("Metrics but there are no Prompts", o => o.Comparison = new ComparisonOptions { Metrics = new Dictionary<string, Func<string, string, double>> { ["own"] = (_, _) => 0 } });
        Assert.Contains("the value 0.1 twice", Assert.Throws<ArgumentException>(() => Beta(0.1, 0.1)).Message, StringComparison.Ordinal);
        Assert.Contains("no values", Assert.Throws<ArgumentException>(() => Beta()).Message, StringComparison.Ordinal);
        var slip = Options(SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.LearningRate = value, 0.3));
        Assert.Contains("was set to 0.3 and reads 0.1", Assert.Throws<ArgumentException>(() => Run(slip)).Message, StringComparison.Ordinal);
    }

    private static SweepAxis Beta(params double[] values) => SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.Beta = value, values);

    private static SweepAxis LearningRate(params double?[] values) => SweepAxis.Of("LearningRate", o => o.LearningRate, (o, value) => o.LearningRate = value, values);

    private static SweepOptions Options(params SweepAxis[] axes)
    {
        var baseline = TinyRuns.Options();
        baseline.SaveSteps = 1;
        return new SweepOptions { Baseline = baseline, Axes = axes };
    }

    private SweepResult Run(SweepOptions options, string folder = "sweep")
    {
        options.OutputDirectory = _folder[folder];
        return _ml.Preferences.Sweep(TinyRuns.Data(_ml, 6), TinyRuns.Data(_ml, 3), options);
    }

    private sealed class Counting(Action step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Train) step();
        }
    }
}
