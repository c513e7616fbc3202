using MLNet.Dpo.Models;
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
    private int _savedStep;
    private BestModel? _best;

    /// <summary>Trains to the end, or until its evaluations say that it is time to stop.</summary>
    /// <param name="train">At least one row.</param>
    /// <param name="validation">May be empty, unless the options compare evaluations.</param>
    internal void Run(IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation)
    {
        var plan = StepPlan.Of(options, train.Count);
        var schedule = new LearningRateSchedule(options.Scheduler, options.RateUsed, plan.WarmupSteps(options), plan.Total);
        using var optimizer = new AdamW(run.Parameters, options.Lora?.LoraPlusLrRatio ?? 1, new AdamWSettings(options.AdamBeta1, options.AdamBeta2, options.AdamEpsilon, options.WeightDecay));
        var start = checkpoints?.Restore(run, optimizer) ?? new RunPosition(0, 0);
        (var step, _tokens, _savedStep) = (start.Step, start.Tokens, start.Step);
        if (options.TracksBest) _best = Comparing(start, plan, validation);
        report.Begin(plan.Total, step);

        for (; step < plan.Total && _best?.IsTimeToStop != true; step++)
        {
            StopIfCancelled(step, optimizer);
            var rows = RowOrder.Batch(train, options, step / plan.PerEpoch, step % plan.PerEpoch);
            TakeStep(rows, step, schedule, optimizer, (step + 1.0) / plan.PerEpoch);

            var savesNow = options.OutputDirectory is not null && plan.IsSaveDue(step, options);
            if (savesNow || step + 1 == plan.Total) CheckWeights(step + 1);
            if (step + 1 == plan.Total) objective.Evaluate([rows[0]]); // weights that are numbers may still give none
            if (validation.Count > 0 && plan.IsEvaluationDue(step, options)) savesNow |= Evaluate(validation, step, (step + 1.0) / plan.PerEpoch);
            if (savesNow) Save(step + 1, optimizer);
        }
        TellEnd(step, plan.Total);
    }

    private BestModel Comparing(RunPosition start, StepPlan plan, IReadOnlyList<PreferenceExample> validation)
    {
        if (options.EvalSteps > plan.Total)
            throw new ArgumentException($"EvalSteps is {options.EvalSteps}, but the run has {plan.Total} steps, so there would be no evaluation to stop or to choose by; lower it.");
        var best = new BestModel(options, start.Best ?? BestEvaluation.None);
        // Which metrics there are depends on what rows have: pairs, a language-model loss of their own.
        var kinds = validation.DistinctBy(row => (row.Pairs.Count > 0, row.LmTokens > 0));
        best.Require(Named(objective.Evaluate([.. kinds])).Keys);
        return best;
    }

    private void TellEnd(int step, int totalSteps)
    {
        if (_best is null) return;
        if (_best.IsTimeToStop) report.Note($"Training stopped after step {step} of {totalSteps}: {_best.State.WithoutProgress} evaluations in a row were no better. The best was {_best}.");
        if (!options.LoadBestModelAtEnd) return;
        if (_best.State.Step == 0) throw new NonFiniteLossException(-1, $"LoadBestModelAtEnd: no evaluation of this run gave a number for {BestModel.MetricName(options)}, so there is no best model. Lower LearningRate, or choose by another metric.");
        if (_best.State.Step < step) checkpoints?.RestoreBest(run, _best.State);
        report.Note($"The model is that of the best evaluation: {_best}.");
    }

    private void Save(int step, AdamW optimizer)
    {
        checkpoints?.Save(run, optimizer, new RunPosition(step, _tokens, _best?.State));
        _savedStep = step;
    }

    // What was learned so far costs nothing to keep, and much to learn again.
    private void StopIfCancelled(int step, AdamW optimizer)
    {
        try
        {
            report.ThrowIfCancelled();
        }
        catch (OperationCanceledException e) when (checkpoints is not null && options.OutputDirectory is not null)
        {
            throw new OperationCanceledException($"Training was cancelled after {step} steps; {Keep(step, optimizer)}", e, e.CancellationToken);
        }
    }

    private string Keep(int step, AdamW optimizer)
    {
        if (step == 0) return "there is nothing to keep yet.";
        try
        {
            if (step != _savedStep)
            {
                CheckWeights(step);
                Save(step, optimizer);
            }
            return $"they are kept: go on with ResumeFromCheckpoint = \"{TrainingOptions.LatestCheckpoint}\" or \"{checkpoints!.LastFolder}\".";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NonFiniteLossException)
        {
            return $"they could not be kept ({e.Message.TrimEnd('.').ReplaceLineEndings(" ")}).";
        }
    }

    private void TakeStep(IReadOnlyList<PreferenceExample> rows, int step, LearningRateSchedule schedule, AdamW optimizer, double epoch)
    {
        var means = AccumulateGradients(rows, step);
        var norm = GradientClipping.Clip(run.Parameters.Select(p => p.Value), options.MaxGradNorm);
        if (!double.IsFinite(norm))
            throw new NonFiniteLossException(-1, $"Step {step + 1} (rows {string.Join(", ", rows.Select(r => r.Row))}): the gradient's norm is {norm}; training stopped. Lower LearningRate.");
        optimizer.Step(schedule.At(step));
        run.Model.Masters?.Refresh();
        _tokens += rows.Sum(objective.CountTokens);

        var metrics = new Dictionary<string, double> { ["loss"] = means["loss"], ["grad_norm"] = norm, ["learning_rate"] = schedule.At(step) };
        foreach (var (name, value) in means) metrics[name] = value;
        metrics["num_tokens"] = _tokens;
        report.Step(TrainingPhase.Train, step + 1, epoch, metrics);
    }

    private Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows, int step)
    {
        using var dropout = run.Adapter is { Dropout: > 0 } ? run.Model.Use(new AdapterDropout(options.Seed, step)) : null;
        return objective.AccumulateGradients(rows);
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

    // Whether the model is to be saved for what the evaluation says.
    private bool Evaluate(IReadOnlyList<PreferenceExample> validation, int step, double epoch)
    {
        var metrics = Named(objective.Evaluate(validation));
        report.Step(TrainingPhase.Evaluate, step + 1, epoch, metrics);
        if (_best is null) return false;
        var isBest = _best.Take(step + 1, metrics);
        return options.OutputDirectory is not null && (isBest || _best.IsTimeToStop);
    }

    private static Dictionary<string, double> Named(Dictionary<string, double> metrics) => metrics.ToDictionary(metric => "eval_" + metric.Key, metric => metric.Value);
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
