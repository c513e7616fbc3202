using MLNet.Dpo.Conformance;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Reference;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Training;

/// <summary>The golden runs of DPO in bfloat16 beside float32: what is learned is the same, within stated bounds.</summary>
public class PrecisionTests
{
    private const double LossBound = 0.01, MarginBound = 0.06;

    [Theory]
    [InlineData("lora-sigmoid")]
    [InlineData("full-sigmoid")]
    public void Train_BFloat16_IsWithinBoundsOfFloat32(string name)
    {
        var before = Tensors.Settled();
        Outcome wide = Run(name, Precision.Float32), narrow = Run(name, Precision.BFloat16);
        Assert.Equal(before, Tensors.Settled());
        Assert.Equal((Math.Log(2), Math.Log(2)), (wide.Losses[0], narrow.Losses[0]));
        Assert.NotEqual(wide.Losses, narrow.Losses);
        Assert.All(wide.Losses.Zip(narrow.Losses), pair => Assert.Equal(pair.First, pair.Second, LossBound));
        Assert.All(wide.Margins.Zip(narrow.Margins), pair => Assert.Equal(pair.First, pair.Second, MarginBound));
        var clear = wide.Margins.Zip(narrow.Margins).Where(pair => Math.Abs(pair.First) > MarginBound).ToList();
        Assert.True(clear.Count > wide.Margins.Length / 2);
        Assert.All(clear, pair => Assert.Equal(Math.Sign(pair.First), Math.Sign(pair.Second)));
    }

    private sealed record Outcome(double[] Losses, double[] Margins);

    private static Outcome Run(string name, Precision precision)
    {
        var folder = Fixtures.PathTo("trajectories", name);
        var settings = TrajectorySettings.Read(folder, GoldenJson.Read(folder, "args.json"));
        var options = (DpoTrainer.Options)settings.Options;
        options.Precision = precision;
        options.MaxSteps = 6; // half of the run, without its evaluations: bfloat16 is slow where no processor has it
        var losses = new List<double>();
        options.Progress = new Collector(losses);
        var run = TrainingRun.Prepare(options);
        using var model = run.Model;
        using var threads = CpuThreads.Use(1);
        var reference = settings.Reference(run)!;
        new TrainingLoop(options, run, settings.Objective(run, reference), new TrainingReport(options, _ => { })).Run(settings.TrainRows, []);
        return new Outcome([.. losses], Margins(model, settings.EvalRows, reference, options.Beta));
    }

    // beta * (log-ratio of chosen - log-ratio of rejected) of each row.
    private static double[] Margins(CausalLM model, IReadOnlyList<PreferenceExample> rows, ReferenceLogps reference, double beta)
    {
        var margins = new List<double>();
        foreach (var row in rows)
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch([row], model);
            double[] ratios = [.. ScoredBatch.Logps(model, batch).Zip(reference[row], (policy, before) => policy.Sum(p => (double)p) - before.Sum(p => (double)p))];
            margins.Add(beta * (ratios[0] - ratios[1]));
        }
        return [.. margins];
    }

    private sealed class Collector(List<double> losses) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Train) losses.Add(value.Metrics["loss"]);
        }
    }
}
