using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>Which runs a sweep has.</summary>
public enum SweepMode
{
    /// <summary>The baseline, and for each value of each option a run that differs from it in this alone.</summary>
    OneAtATime,

    /// <summary>Every combination of values.</summary>
    Grid,
}

/// <summary>What becomes of a sweep when a run fails.</summary>
public enum SweepErrorHandling
{
    /// <summary>The error stands in the table, and the other runs go on.</summary>
    Continue,

    /// <summary>The sweep ends with the error; what was finished is kept.</summary>
    Stop,
}

/// <summary>Which runs a sweep has, where they are kept, and what they are judged by.</summary>
public sealed class SweepOptions
{
    /// <summary>The options that every run starts from, without an OutputDirectory of their own. Must be set.</summary>
    public DpoTrainer.Options? Baseline { get; set; }

    /// <summary>The options that are varied. At least one.</summary>
    public IReadOnlyList<SweepAxis> Axes { get; set; } = [];

    /// <summary>Which runs there are. Default <see cref="SweepMode.OneAtATime"/>.</summary>
    public SweepMode Mode { get; set; }

    /// <summary>
    /// The sweep's folder: a folder for each run, named by what differs from the baseline, and the references that runs share. A sweep that was stopped or killed goes on there: finished runs are not repeated, a half-done one
    /// goes on from its last checkpoint. Must be set.
    /// </summary>
    public string OutputDirectory { get; set; } = "";

    /// <summary>How the rows are made tokens of; the defaults when null. Default null.</summary>
    public PreferenceTokenizingEstimator.Options? Tokenizing { get; set; }

    /// <summary>Prompts that each run's model is asked for KL, own metrics and answers; without them runs are judged by loss, margin and accuracy on the validation data. Default none.</summary>
    public IReadOnlyList<string> Prompts { get; set; } = [];

    /// <summary>How the models are judged beside that; its CancellationToken stops the sweep. The defaults when null. Default null.</summary>
    public ComparisonOptions? Comparison { get; set; }

    /// <summary>What becomes of the sweep when a run fails. Default <see cref="SweepErrorHandling.Continue"/>.</summary>
    public SweepErrorHandling OnError { get; set; }

    /// <summary>Checks the settings, but for those of single runs, whose errors are theirs.</summary>
    /// <exception cref="ArgumentException">A setting is missing, or contradicts another.</exception>
    public void Validate()
    {
        if (Baseline is null) throw new ArgumentException("Baseline is null; give the options that every run starts from.");
        if (Baseline.OutputDirectory is not null || Baseline.ResumeFromCheckpoint is not null || Baseline.OverwriteOutputDirectory)
            throw new ArgumentException("Baseline has OutputDirectory, ResumeFromCheckpoint or OverwriteOutputDirectory set; leave them out, the sweep's own OutputDirectory has a folder for each run.");
        if (string.IsNullOrWhiteSpace(OutputDirectory)) throw new ArgumentException("OutputDirectory is blank; give the folder that runs are kept in.");
        if (Axes is not { Count: > 0 }) throw new ArgumentException("Axes is empty; give at least one option to vary (SweepAxis.Of).");
        if (Axes.GroupBy(axis => axis.Name).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new ArgumentException($"Two of the axes are named {twice.Key}; give each a name of its own.");
        OptionCheck.Defined(Mode, nameof(Mode));
        OptionCheck.Defined(OnError, nameof(OnError));
        Comparison?.Validate();
        if (Prompts is null) throw new ArgumentException("Prompts is null; give prompts, or an empty list for none.");
        if (Prompts.Count == 0 && Comparison is { Metrics.Count: > 0 }) throw new ArgumentException("Comparison has Metrics but there are no Prompts for the answers that they are of; give Prompts.");
    }
}
