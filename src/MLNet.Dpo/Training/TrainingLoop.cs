using MLNet.Dpo.Training.Objectives;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>The recipe, top to bottom: for every step gradients, clipping, update, metrics; evaluations and checkpoints when they are due.</summary>
/// <param name="options">The run's options.</param>
/// <param name="run">The model and what of it is trained.</param>
/// <param name="objective">What is minimised.</param>
/// <param name="report">Takes the metrics.</param>
/// <param name="checkpoints">Claimed for this run; null for one that writes and resumes none.</param>
internal sealed class TrainingLoop(TrainingOptions options, TrainingRun run, ITrainingObjective objective, TrainingReport report, Checkpoints? checkpoints = null)
{
    // Far above any weight that was learned, and beyond it float32 no longer tells small differences.
    private const float LargestWeight = 1e6f;
    private long _tokens;

    /// <summary>Trains to the end.</summary>
    /// <param name="train">At least one row.</param>
    /// <param name="validation">May be empty.</param>
    internal void Run(IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation)
    {
        var (stepsPerEpoch, totalSteps) = StepPlan.Of(options, train.Count);
        var schedule = new LearningRateSchedule(options.Scheduler, options.LearningRate, WarmupSteps(totalSteps), totalSteps);
        using var optimizer = new AdamW(run.Parameters, new AdamWSettings(options.AdamBeta1, options.AdamBeta2, options.AdamEpsilon, options.WeightDecay));
        (var step, _tokens) = checkpoints?.Restore(run, optimizer) ?? new RunPosition(0, 0);
        report.Begin(totalSteps, step);

        for (; step < totalSteps; step++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var rows = RowOrder.Batch(train, options, step / stepsPerEpoch, step % stepsPerEpoch);
            TakeStep(rows, step, schedule, optimizer, (step + 1.0) / stepsPerEpoch);

            var endsEpoch = (step + 1) % stepsPerEpoch == 0 || step + 1 == totalSteps;
            var savesNow = options.OutputDirectory is not null && IsDue(options.SaveSteps, step, endsEpoch);
            if (savesNow || step + 1 == totalSteps) CheckWeights(step + 1);
            if (step + 1 == totalSteps) objective.Evaluate([rows[0]]); // weights that are numbers may still give none
            if (validation.Count > 0 && IsDue(options.EvalSteps, step, endsEpoch)) Evaluate(validation, step, (step + 1.0) / stepsPerEpoch);
            if (savesNow) checkpoints?.Save(run, optimizer, new RunPosition(step + 1, _tokens));
        }
    }

    private void TakeStep(IReadOnlyList<PreferenceExample> rows, int step, LearningRateSchedule schedule, AdamW optimizer, double epoch)
    {
        var means = objective.AccumulateGradients(rows);
        var norm = GradientClipping.Clip(run.Parameters.Select(p => p.Value), options.MaxGradNorm);
        if (!double.IsFinite(norm))
            throw new NonFiniteLossException(-1, $"Step {step + 1} (rows {string.Join(", ", rows.Select(r => r.Row))}): the gradient's norm is {norm}; training stopped. Lower LearningRate.");
        optimizer.Step(schedule.At(step));
        _tokens += rows.Sum(objective.CountTokens);

        var metrics = new Dictionary<string, double> { ["loss"] = means["loss"], ["grad_norm"] = norm, ["learning_rate"] = schedule.At(step) };
        foreach (var (name, value) in means) metrics[name] = value;
        metrics["num_tokens"] = _tokens;
        report.Step(TrainingPhase.Train, step + 1, epoch, metrics);
    }

    // A step is judged by the next one's loss; the last has none, and what is saved must be of use.
    private void CheckWeights(int step)
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in run.Parameters)
        {
            using var scope = NewDisposeScope();
            var largest = parameter.abs().max().to(float32, CPU).item<float>(); // NaN where one is NaN
            if (!(largest <= LargestWeight))
                throw new NonFiniteLossException(-1, FormattableString.Invariant($"Step {step}: the largest number in {name} is {largest}, beyond {LargestWeight}; training stopped. Lower LearningRate."));
        }
    }

    private void Evaluate(IReadOnlyList<PreferenceExample> validation, int step, double epoch) =>
        report.Step(TrainingPhase.Evaluate, step + 1, epoch, objective.Evaluate(validation).ToDictionary(metric => "eval_" + metric.Key, metric => metric.Value));

    private int WarmupSteps(int totalSteps) =>
        options.WarmupRatio > 0 ? (int)Math.Ceiling(options.WarmupRatio * totalSteps) : options.WarmupSteps;

    private static bool IsDue(int every, int step, bool endsEpoch) => every > 0 ? (step + 1) % every == 0 : endsEpoch;
}

/// <summary>The order of the rows, the same for a seed and an epoch whenever it is asked for.</summary>
internal static class RowOrder
{
    /// <summary>The rows of one step of one epoch.</summary>
    internal static IReadOnlyList<PreferenceExample> Batch(IReadOnlyList<PreferenceExample> rows, TrainingOptions options, int epoch, int batch)
    {
        var order = Enumerable.Range(0, rows.Count).ToArray();
        if (options.Shuffle) new Random(unchecked((options.Seed * 1_000_003) + epoch)).Shuffle(order);
        return [.. order.Skip(batch * options.BatchSize).Take(options.BatchSize).Select(i => rows[i])];
    }
}
