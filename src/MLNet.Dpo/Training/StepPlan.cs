namespace MLNet.Dpo.Training;

/// <summary>How many optimizer steps a run takes, and what is due after which of them.</summary>
/// <param name="PerEpoch">Steps of one pass over the rows.</param>
/// <param name="Total">Steps of the run.</param>
internal sealed record StepPlan(int PerEpoch, int Total)
{
    /// <summary>As in transformers: <see cref="TrainingOptions.MaxSteps"/>, where it is given, decides alone, over as many passes as that takes.</summary>
    /// <exception cref="ArgumentException">There are more steps than can be counted.</exception>
    internal static StepPlan Of(TrainingOptions options, int rows)
    {
        var perEpoch = (int)(((long)rows + options.BatchSize - 1) / options.BatchSize);
        var total = options.MaxSteps > 0 ? options.MaxSteps : (long)options.Epochs * perEpoch;
        if (total > int.MaxValue)
            throw new ArgumentException($"Epochs is {options.Epochs}, which is {total} steps of {options.BatchSize} rows; at most {int.MaxValue} can be counted, so give fewer Epochs, or MaxSteps.");
        return new StepPlan(perEpoch, (int)total);
    }

    /// <summary>Steps over which the learning rate rises.</summary>
    internal int WarmupSteps(TrainingOptions options) => options.WarmupRatio > 0 ? (int)Math.Ceiling(options.WarmupRatio * Total) : options.WarmupSteps;

    /// <summary>Whether a checkpoint is due after a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="options">The run's options.</param>
    internal bool IsSaveDue(int step, TrainingOptions options) =>
        options.SaveSteps > 0 ? (step + 1) % options.SaveSteps == 0 : EndsEpoch(step) || PartOfEpoch(step + 1, options.SavesPerEpoch) > PartOfEpoch(step, options.SavesPerEpoch);

    /// <summary>Whether an evaluation is due after a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="options">The run's options.</param>
    internal bool IsEvaluationDue(int step, TrainingOptions options) => options.EvalSteps > 0 ? (step + 1) % options.EvalSteps == 0 : EndsEpoch(step);

    private bool EndsEpoch(int step) => (step + 1) % PerEpoch == 0 || step + 1 == Total;

    // How many of an epoch's parts are done after some steps; epochs count on.
    private long PartOfEpoch(int steps, int parts) => (long)steps * parts / PerEpoch;
}
