using System.Text.Json.Nodes;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;

namespace MLNet.Dpo.Conformance;

/// <summary>Whole training runs of TRL, step by step: the reference, first gradients, metrics, evaluations and final weights.</summary>
public static class TrajectoryCases
{
    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) => File.Exists(Path.Combine(folder, "args.json")) && File.Exists(Path.Combine(folder, "log.json"));

    /// <summary>Trains as the golden run did and compares.</summary>
    public static CaseReport Run(string folder)
    {
        var golden = GoldenJson.Read(folder, "args.json");
        if (TrajectorySettings.WhyNotSupported(golden) is { } why) return CaseReport.NotSupported(folder, why);
        var settings = TrajectorySettings.Read(folder, golden);
        var steps = new Dictionary<(TrainingPhase, int), IReadOnlyDictionary<string, double>>();
        var run = TrainingRun.Prepare(settings.Options);
        using var model = run.Model;
        var report = new TrainingReport(settings.Options, _ => { });
        var comparison = new Comparison(folder);
        var reference = settings.Reference(run);
        var objective = settings.Objective(run, reference);
        settings.Options.Progress = new Collector(steps, () => BatchMeans(objective, settings));
        if (reference is not null) TrajectoryStart.CheckReference(folder, settings, (ReferenceLogps)reference, comparison);
        TrajectoryStart.CheckGradients(folder, run, settings, objective, comparison);
        new TrainingLoop(settings.Options, run, objective, report).Run(settings.TrainRows, settings.EvalRows);

        foreach (var entry in GoldenJson.Read(folder, "log.json").AsArray()) CheckEntry(entry!.AsObject(), steps, settings, comparison);
        CheckFinal(folder, run, comparison);
        return comparison.Report();
    }

    private static void CheckEntry(JsonObject entry, Dictionary<(TrainingPhase, int), IReadOnlyDictionary<string, double>> steps, TrajectorySettings settings, Comparison comparison)
    {
        if (entry.ContainsKey("train_loss")) return; // the closing summary
        var evaluation = entry.ContainsKey("eval_loss");
        var step = (int)entry["step"]!.GetValue<double>();
        if (!steps.TryGetValue((evaluation ? TrainingPhase.Evaluate : TrainingPhase.Train, step), out var ours))
        {
            comparison.Check($"step {step} is missing", false);
            return;
        }
        foreach (var (name, value) in entry)
        {
            if (name is "step" or "epoch" or "eval_num_tokens") continue;
            if (!IsComparable(name, step, evaluation, settings)) continue;
            var expected = value!.GetValue<double>();
            var actual = ours.GetValueOrDefault(name, double.NaN);
            var allowed = Tolerance(evaluation ? name["eval_".Length..] : name, expected);
            comparison.Check($"step {step} {name}: {actual:g9} instead of {expected:g9}", Math.Abs(actual - expected) <= allowed);
        }
    }

    // Token-weighted metrics are means over TRL's micro-batches, ours over the optimizer batch: equal only when a step is one micro-batch.
    private static bool IsComparable(string name, int step, bool evaluation, TrajectorySettings settings)
    {
        var bare = evaluation ? name["eval_".Length..] : name;
        if (bare is "entropy" or "logits/chosen" or "logits/rejected" or "mean_token_accuracy" && (evaluation || settings.MicroBatchesPerStep > 1)) return false;
        // Policy and reference are equal in steps 1 and 2, so that the sign of the margin is chance.
        return !(bare == "rewards/accuracies" && step <= 2);
    }

    private static double Tolerance(string name, double expected) => name switch
    {
        "loss" => (5e-5 * Math.Abs(expected)) + 1e-5,
        "grad_norm" => 2e-4 * Math.Abs(expected),
        "learning_rate" => 1e-12,
        "num_tokens" => 0,
        "rewards/accuracies" or "mean_token_accuracy" => 1e-6,
        "logits/chosen" or "logits/rejected" => 1e-6,
        _ when name.StartsWith("rewards/", StringComparison.Ordinal) => 5e-5,
        _ => 2e-6 * Math.Abs(expected),
    };

    private static void CheckFinal(string folder, TrainingRun run, Comparison comparison)
    {
        var (file, most, rootMeanSquare) = run.Adapter is null
            ? ("final/model.safetensors", 5e-6, 5e-8)
            : ("adapter_final/adapter_model.safetensors", 5e-5, 2e-6);
        using var golden = new GoldenTensors(Path.Combine(folder, file));
        var (largest, squares, count) = (0.0, 0.0, 0L);
        foreach (var (name, parameter) in run.Parameters)
        {
            var (ours, theirs) = (parameter.detach().data<float>().ToArray(), golden.Floats(name));
            largest = Math.Max(largest, Comparison.MaxDifference(ours, theirs));
            squares += ours.Zip(theirs, (a, b) => Math.Pow((double)a - b, 2)).Sum();
            count += ours.Length;
        }
        comparison.Check("final weights", largest, most);
        comparison.Check("final weights, root mean square", Math.Sqrt(squares / count), rootMeanSquare);
    }

    // As transformers' Trainer: eval_loss is a mean over rows, everything else a plain mean over batches, however small the last one is.
    private static Dictionary<string, double> BatchMeans(ITrainingObjective objective, TrajectorySettings settings)
    {
        var means = new MetricMeans();
        foreach (var rows in settings.EvalRows.Chunk(settings.EvalBatchSize))
        {
            foreach (var (name, value) in objective.Evaluate(rows)) means.Add("eval_" + name, value, name == "loss" ? rows.Length : 1);
        }
        return means.ToDictionary();
    }

    private sealed class Collector(Dictionary<(TrainingPhase, int), IReadOnlyDictionary<string, double>> steps, Func<Dictionary<string, double>> batchMeans) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps[(value.Phase, value.Step)] = value.Phase == TrainingPhase.Evaluate ? batchMeans() : value.Metrics;
    }
}
