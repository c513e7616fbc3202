using System.Globalization;

namespace MLNet.Dpo.Reporting;

/// <summary>Reads a run's series as a person would: a pure function of the metrics, and of the options and counts where they are known.</summary>
/// <param name="series">The run's metrics.</param>
/// <param name="run">What else is known of it.</param>
internal sealed class TrainingFindings(RunSeries series, RunRecord run)
{
    // Means over fewer steps than this say nothing of a trend.
    private const int FewestSteps = 4;

    // A margin in reward that is told from nothing: 0.1 at beta 0.1 is one nat.
    private const double LeastMargin = 0.1;

    private readonly IReadOnlyList<MetricPoint> _loss = Loss(series, "");
    private readonly IReadOnlyList<MetricPoint> _evalLoss = Loss(series, RunSeries.Eval);

    /// <summary>What a run's metrics show; empty for a healthy run.</summary>
    internal static IReadOnlyList<TrainingFinding> Of(RunSeries series, RunRecord run) => new TrainingFindings(series, run).All();

    private IReadOnlyList<TrainingFinding> All()
    {
        var cut = TooManyCut();
        if (_loss.Count < FewestSteps) return [.. new[] { cut }.OfType<TrainingFinding>()];
        var tooHigh = LearningRateTooHigh();
        var nothing = tooHigh is null ? NothingLearned() : null;
        var overfitting = Overfitting();
        return
        [
            .. new[]
            {
                tooHigh, nothing, FlatFromStart(), overfitting, ChosenFalling(), MarginByLength(), Saturated(),
                nothing is null && overfitting is null ? NotConverged() : null, cut,
            }.OfType<TrainingFinding>(),
        ];
    }

    private static IReadOnlyList<MetricPoint> Loss(RunSeries series, string prefix) => series[prefix + "dpo_loss"] is { Count: > 0 } dpo ? dpo : series[prefix + "loss"];

    // Of a difference of losses, how much it is of the loss at the start.
    private double Share(double difference) => difference / Math.Max(Math.Abs(_loss.Start()), 1e-9);

    private TrainingFinding? LearningRateTooHigh()
    {
        var (start, end, peak) = (_loss.Start(), _loss.End(), _loss.Skip(1).ToList().Peak());
        if (!((Share(peak - start) > 0.5 && Share(end - start) > -0.2) || Share(peak - start) > 2)) return null;
        return new(TrainingFindingKind.LearningRateTooHigh,
            Text($"The training loss began at {start:0.###}, rose to {peak:0.###} and ended at {end:0.###}."),
            $"Lower LearningRate{Is("LearningRate")} to a third or less, or raise WarmupRatio; for LoRA 1e-4 to 2e-4 is usual, for all weights 5e-7 to 3e-6.");
    }

    private TrainingFinding? NothingLearned()
    {
        var margins = series["rewards/margins"];
        var moved = margins.Count > 0 ? margins.End() - Beginning(margins) : Share(_loss.Start() - _loss.End());
        if (Math.Abs(moved) >= (margins.Count > 0 ? LeastMargin : 0.02)) return null;
        var seen = margins.Count > 0
            ? Text($"After {_loss[^1].Step:0} steps the margin between chosen and rejected on the training data is {moved:0.###}; below {LeastMargin} the model is hardly another than before.")
            : Text($"After {_loss[^1].Step:0} steps the training loss fell by {moved:P1}.");
        var few = _loss.Count < 100 ? $" These were few steps: raise Epochs{Is("Epochs")}, or lower BatchSize{Is("BatchSize")}." : "";
        return new(TrainingFindingKind.NothingLearned, seen, $"Raise LearningRate{Is("LearningRate")}{Raised(moved)} first.{few}");
    }

    // The margin grows about as the rate does while it is small; 0.5 is a margin that is seen in the answers.
    private string Raised(double moved) => run.Number("LearningRate") is { } rate
        ? Text($" to about {rate * Math.Clamp(0.5 / Math.Max(moved, 1e-3), 2, 10):0.#e0}")
        : "";

    private TrainingFinding? FlatFromStart()
    {
        var third = _loss.Count / 3;
        var warmup = Math.Max(run.Number("WarmupSteps") ?? 0, (run.Number("WarmupRatio") ?? 0) * _loss.Count);
        if (third < FewestSteps || warmup > third / 2.0 || Share(_loss.Start() - _loss.Mean(1 / 6.0, 1 / 3.0)) >= 0.01) return null;
        // A length-normalized loss hardly moves while the answers are told apart already.
        if (series["rewards/accuracies"] is { Count: > 0 } accuracies && accuracies.Mean(1 / 6.0, 1 / 3.0) >= 0.75) return null;
        return new(TrainingFindingKind.FlatFromStart,
            Text($"In the first {third} steps the training loss does not fall: {_loss.Start():0.###} at the start, {_loss.Mean(1 / 6.0, 1 / 3.0):0.###} then."),
            $"Raise the warm-up (WarmupRatio{Is("WarmupRatio")}, 0.1 say, or WarmupSteps) and see whether it falls then; if not, look at LearningRate and at whether the pairs agree with each other (ml.Preferences.Inspect).");
    }

    private TrainingFinding? Overfitting()
    {
        if (_evalLoss.Count == 0) return null;
        var best = _evalLoss.MinBy(p => p.Value);
        var last = _evalLoss[^1];
        var before = _loss.Where(p => p.Step <= best.Step).ToList();
        // With one evaluation there is no curve, but what the untrained model has is known: the loss that the training began with.
        var (from, trainThen) = last.Step > best.Step && before.Count > 0 ? (best.Value, before.End()) : (_loss.Start(), _loss.Start());
        if (Share(last.Value - from) <= 0.05 || _loss.End() >= trainThen) return null;
        var stop = last.Step > best.Step ? Text($"Stop at step {best.Step:0} (its checkpoint, or fewer Epochs{Is("Epochs")}), or give") : "Give";
        return new(TrainingFindingKind.Overfitting,
            Text($"The loss on the training data fell to {_loss.End():0.###} while that on the validation data rose from {from:0.###} to {last.Value:0.###}: the model learns the rows by heart."),
            $"{stop} more and more various pairs, a lower LearningRate{Is("LearningRate")} or a higher Beta{Is("Beta")}.");
    }

    private TrainingFinding? ChosenFalling()
    {
        var (chosen, rejected, margin) = (Moved("rewards/chosen"), Moved("rewards/rejected"), Moved("rewards/margins"));
        if (!(chosen < -Math.Max(LeastMargin, 0.25 * margin) && rejected < 0)) return null;
        return new(TrainingFindingKind.ChosenFalling,
            Text($"The reward of the chosen responses moved by {chosen:0.##}, that of the rejected ones by {rejected:0.##}: the model unlearns good answers together with bad ones, and may say a third thing."),
            $"Set LmLossScale{Is("LmLossScale")} to 0.1 to 1, raise Beta{Is("Beta")}, lower LearningRate{Is("LearningRate")}, or take chosen responses that the model itself gives (ml.Preferences.Sample).");
    }

    private TrainingFinding? MarginByLength()
    {
        // What was learned at all is seen on the training data: validation pairs that run both ways may cancel each other out.
        if (series["rewards/margins"] is not { Count: > 0 } learned || learned.End() - Beginning(learned) < LeastMargin) return null;
        var margin = Moved("rewards/margins");
        var (chosen, rejected) = (Last("lengths/chosen"), Last("lengths/rejected"));
        var length = (chosen + rejected) / 2;
        var (longer, shorter) = (Last("rewards/accuracies_longer"), Last("rewards/accuracies_shorter"));
        var oneWay = margin >= LeastMargin && Math.Abs(chosen - rejected) > 0.05 * length && Moved("rewards/margins_per_token") * length < 0.1 * margin;
        var bothWays = Last("lengths/chosen_longer") is > 0.1 and < 0.9 && Math.Abs(longer - shorter) >= 0.6;
        if (!oneWay && !bothWays) return null;
        var seen = bothWays
            ? Text($"Pairs whose chosen response is the longer one are told apart in {longer:P0}, those where it is the shorter one in {shorter:P0}.")
            : Text($"The margin is {margin:0.##}, but per token of the response there is none: chosen responses have {chosen:0.#} tokens, rejected ones {rejected:0.#}, and that makes the difference.");
        return new(TrainingFindingKind.MarginByLength, seen,
            $"Set LdAlpha{Is("LdAlpha")} below 1 (0 compares no more tokens than the shorter response has), or add pairs whose lengths are alike or turned round.");
    }

    private TrainingFinding? Saturated()
    {
        if (_loss.Count < 2 * FewestSteps) return null;
        var accuracies = series["rewards/accuracies"];
        if (accuracies.Count == 0 || accuracies.Mean(0.5, 1) < 0.99 || Share(_loss.Mean(0.5, 0.75)) > 0.05 || Share(_loss.Mean(0.75, 1)) > 0.05) return null;
        return new(TrainingFindingKind.Saturated,
            Text($"In the second half of the run every training pair is told apart and the loss is {_loss.Mean(0.5, 1):0.####}; further steps only push the model away from where it began."),
            $"Fewer Epochs{Is("Epochs")} or a lower LearningRate{Is("LearningRate")} do the same; to learn more, add pairs that are harder to tell apart.");
    }

    private TrainingFinding? NotConverged()
    {
        if (_evalLoss.Count < 3) return null;
        var falls = _evalLoss.TakeLast(3).Select(p => p.Value).ToArray();
        var train = Share(_loss.Mean(0.5, 0.75) - _loss.Mean(0.75, 1));
        if (Share(falls[0] - falls[1]) <= 0.02 || Share(falls[1] - falls[2]) <= 0.02 || train <= 0.02) return null;
        return new(TrainingFindingKind.NotConverged,
            Text($"The losses on training and validation data are still falling at the end: the last three evaluations gave {falls[0]:0.###}, {falls[1]:0.###}, {falls[2]:0.###}."),
            $"Train on: more Epochs{Is("Epochs")}, or a higher LearningRate{Is("LearningRate")}.");
    }

    private TrainingFinding? TooManyCut()
    {
        if (run.Number(RunRecord.Rows) is not { } rows || run.Number(RunRecord.Used) is not { } used) return null;
        var (cut, dropped) = ((run.Number(RunRecord.Truncated) ?? 0) + (run.Number(RunRecord.CutPrompts) ?? 0), run.Number(RunRecord.LongPrompts) ?? 0);
        if (cut <= 0.1 * used && dropped <= 0.05 * rows) return null;
        return new(TrainingFindingKind.TooManyCut,
            Text($"Of {rows:0} rows {cut:0} have a prompt or response that was cut at MaxLength, and {dropped:0} were dropped because the prompt alone fills it."),
            $"Raise MaxLength{Is("MaxLength")} (ml.Preferences.Inspect says how long the rows are), or leave out the longest rows yourself.");
    }

    // How far a reward moved, on validation data where there is some; NaN where it was not recorded.
    private double Moved(string name) =>
        series[name] is not { Count: > 0 } train ? double.NaN
        : (series[RunSeries.Eval + name] is { Count: > 0 } eval ? eval[^1].Value : train.End()) - Beginning(train);

    // Against a reference every reward begins at 0; without one it has a level of its own.
    private static double Beginning(IReadOnlyList<MetricPoint> rewards) => Math.Abs(rewards[0].Value) < 1e-3 ? 0 : rewards.Start();

    private double Last(string name) =>
        series[RunSeries.Eval + name] is { Count: > 0 } eval ? eval[^1].Value : series[name] is { Count: > 0 } train ? train.End() : double.NaN;

    private string Is(string option) => run.Options.TryGetValue(option, out var value) ? $" (it is {value})" : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
