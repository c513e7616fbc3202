namespace MLNet.Dpo.Training;

/// <summary>How evaluations went so far; kept in a checkpoint, so that a resumed run stops and chooses where the unbroken one would.</summary>
/// <param name="Step">Optimizer steps of the best model; 0 before the first evaluation that gave a number.</param>
/// <param name="Value">Its metric.</param>
/// <param name="WithoutProgress">Evaluations in a row that were not better than the best one before them by more than the threshold.</param>
internal sealed record BestEvaluation(int Step, double Value, int WithoutProgress)
{
    internal static BestEvaluation None { get; } = new(0, 0, 0);
}

/// <summary>Tells the best evaluation and when it is time to stop, as transformers' Trainer and EarlyStoppingCallback do.</summary>
/// <param name="options">The run's options.</param>
/// <param name="state">Where a resumed run stands.</param>
internal sealed class BestModel(TrainingOptions options, BestEvaluation state)
{
    private const string Prefix = "eval_";
    private readonly string _metric = MetricName(options);
    private readonly int _sign = IsGreaterBetter(options) ? 1 : -1;

    internal BestEvaluation State { get; private set; } = state;

    internal bool IsTimeToStop => options.EarlyStoppingPatience > 0 && State.WithoutProgress >= options.EarlyStoppingPatience;

    /// <summary>Takes an evaluation's metrics.</summary>
    /// <returns>Whether it is the best so far.</returns>
    internal bool Take(int step, IReadOnlyDictionary<string, double> metrics)
    {
        var value = metrics.GetValueOrDefault(_metric, double.NaN);
        var first = State.Step == 0;
        var gain = first ? double.PositiveInfinity : _sign * (value - State.Value);
        var better = double.IsFinite(value) && gain > 0;
        State = new BestEvaluation(better ? step : State.Step, better ? value : State.Value, better && gain > options.EarlyStoppingThreshold ? 0 : State.WithoutProgress + 1);
        return better;
    }

    /// <summary>What the best evaluation was, for the log.</summary>
    public override string ToString() => FormattableString.Invariant($"step {State.Step}, {_metric} {State.Value:G4}");

    /// <summary>Makes sure that a metric of this name will be there.</summary>
    /// <exception cref="ArgumentException">It will not; the message names those that will.</exception>
    internal void Require(IEnumerable<string> metrics)
    {
        var names = metrics.ToList();
        if (!names.Contains(_metric)) throw new ArgumentException($"MetricForBestModel is '{options.MetricForBestModel}'; this run's evaluations have {string.Join(", ", names)}.");
    }

    /// <summary>The name of the metric, as evaluations have it.</summary>
    internal static string MetricName(TrainingOptions options) =>
        options.MetricForBestModel is not { } name ? Prefix + "loss" : name.StartsWith(Prefix, StringComparison.Ordinal) ? name : Prefix + name;

    internal static bool IsGreaterBetter(TrainingOptions options) => options.GreaterIsBetter ?? !MetricName(options).EndsWith("loss", StringComparison.Ordinal);
}
