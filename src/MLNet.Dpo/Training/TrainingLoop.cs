using MLNet.Dpo.Training.Objectives;

namespace MLNet.Dpo.Training;

/// <summary>The recipe, top to bottom: for every step gradients, clipping, update, metrics; evaluations and checkpoints when they are due.</summary>
internal sealed class TrainingLoop(TrainingOptions options, TrainingRun run, ITrainingObjective objective, TrainingReport report)
{
    private long _tokens;

    /// <summary>Trains to the end.</summary>
    /// <param name="train">At least one row.</param>
    /// <param name="validation">May be empty.</param>
    internal void Run(IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation)
    {
        var stepsPerEpoch = (train.Count + options.BatchSize - 1) / options.BatchSize;
        var totalSteps = options.Epochs * stepsPerEpoch;
        if (options.MaxSteps > 0) totalSteps = Math.Min(totalSteps, options.MaxSteps);
        var schedule = new LearningRateSchedule(options.Scheduler, options.LearningRate, WarmupSteps(totalSteps), totalSteps);
        using var optimizer = new AdamW(run.Parameters, new AdamWSettings(options.AdamBeta1, options.AdamBeta2, options.AdamEpsilon, options.WeightDecay));
        var identity = new CheckpointIdentity(train.Count, totalSteps, options.BatchSize, options.Seed, options.LearningRate, objective.Description);
        var checkpoints = new Checkpoints(options, run, optimizer, identity);
        (var step, _tokens) = checkpoints.Resume();
        report.Begin(totalSteps, step);

        for (; step < totalSteps; step++)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var rows = RowOrder.Batch(train, options, step / stepsPerEpoch, step % stepsPerEpoch);
            TakeStep(rows, step, schedule, optimizer, (step + 1.0) / stepsPerEpoch);

            var endsEpoch = (step + 1) % stepsPerEpoch == 0 || step + 1 == totalSteps;
            if (validation.Count > 0 && IsDue(options.EvalSteps, step, endsEpoch)) Evaluate(validation, step, (step + 1.0) / stepsPerEpoch);
            if (options.OutputDirectory is not null && IsDue(options.SaveSteps, step, endsEpoch)) checkpoints.Save(step + 1, _tokens);
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
