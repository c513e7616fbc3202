namespace MLNet.Dpo.Training;

/// <summary>How many optimizer steps a run takes.</summary>
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
}
