using MLNet.Dpo.Checks;
using MLNet.Dpo.Training;

namespace MLNet.Dpo;

/// <content>When a run is saved, what of it is kept, when it stops, and which of its states is the result.</content>
public abstract partial class TrainingOptions
{
    /// <summary>In <see cref="ResumeFromCheckpoint"/>: the newest whole checkpoint in <see cref="OutputDirectory"/>; one that is damaged is passed over, and said.</summary>
    public const string LatestCheckpoint = "latest";

    /// <summary>Whether a run that starts afresh removes the <c>checkpoint-N</c> folders that lie in <see cref="OutputDirectory"/>; if not, those of another run are an error. Default false.</summary>
    public bool OverwriteOutputDirectory { get; set; }

    /// <summary>Optimizer steps between checkpoints; 0 for <see cref="SavesPerEpoch"/>. Needs <see cref="OutputDirectory"/>. Default 0.</summary>
    public int SaveSteps { get; set; }

    /// <summary>Checkpoints in each epoch, evenly spread, the last one at its end; 0 or more, and more than there are steps means one a step. Give this or <see cref="SaveSteps"/>; 0, the default, is 1 then.</summary>
    public int SavesPerEpoch { get; set; }

    /// <summary>
    /// The most checkpoints that are kept, the newest and, where evaluations are compared (<see cref="MetricForBestModel"/>), the best one always among them: 1 keeps these two (or the one, if it is both). 0, the default, keeps every one.
    /// </summary>
    public int SaveTotalLimit { get; set; }

    /// <summary>
    /// The metric that tells a better evaluation from a worse one, with or without <c>eval_</c> before it: <c>loss</c>, <c>rewards/accuracies</c>, <c>rewards/margins</c>, ...; each new best is saved as a checkpoint, where
    /// there is an <see cref="OutputDirectory"/>. Null, the default, is <c>loss</c> where <see cref="LoadBestModelAtEnd"/> or <see cref="EarlyStoppingPatience"/> needs one.
    /// </summary>
    public string? MetricForBestModel { get; set; }

    /// <summary>Whether a higher <see cref="MetricForBestModel"/> is better. Null, the default: it is, unless the metric's name ends with <c>loss</c>, as in transformers.</summary>
    public bool? GreaterIsBetter { get; set; }

    /// <summary>Whether the result is the model of the best evaluation instead of the last step's. Needs <see cref="OutputDirectory"/> and validation data. Default false.</summary>
    public bool LoadBestModelAtEnd { get; set; }

    /// <summary>
    /// How many evaluations in a row may be no better, by more than <see cref="EarlyStoppingThreshold"/>, than the best one before them; then training stops. Needs validation data. 0, the default, for never.
    /// </summary>
    public int EarlyStoppingPatience { get; set; }

    /// <summary>By how much, in the metric's unit, an evaluation must be better than the best one before it to count for <see cref="EarlyStoppingPatience"/>; 0 or more. Default 0.</summary>
    public double EarlyStoppingThreshold { get; set; }

    /// <summary>
    /// A checkpoint folder of this very run, or <see cref="LatestCheckpoint"/>, to go on from; the result is that of a run that never stopped, and the stored number of threads is used. Data, base model and all options
    /// that decide the result must be the same. Free are, beyond rounding, <see cref="MaxTokensPerMicroBatch"/>, <see cref="EvalBatchSize"/>, <see cref="GradientCheckpointing"/>, <see cref="SaveSteps"/>, <see cref="SavesPerEpoch"/>, <see cref="SaveTotalLimit"/>,
    /// <see cref="OutputDirectory"/>, <see cref="Device"/>, where the base model lies and, unless evaluations are compared, <see cref="EvalSteps"/> and <see cref="ValidationSet"/>. From its last checkpoint a run may go on to more
    /// <see cref="Epochs"/> or <see cref="MaxSteps"/>, as in transformers: from there on with the learning rate of a run that had so many steps from the beginning. Default null.
    /// </summary>
    public string? ResumeFromCheckpoint { get; set; }

    /// <summary>Whether evaluations are compared with each other.</summary>
    internal bool TracksBest => LoadBestModelAtEnd || EarlyStoppingPatience > 0 || MetricForBestModel is not null;

    private void ValidateSaving()
    {
        OptionCheck.AtLeast(SaveSteps, 0, nameof(SaveSteps));
        OptionCheck.AtLeast(SavesPerEpoch, 0, nameof(SavesPerEpoch));
        OptionCheck.AtLeast(SaveTotalLimit, 0, nameof(SaveTotalLimit));
        if (SaveSteps > 0 && SavesPerEpoch > 0) throw new ArgumentException($"SaveSteps is {SaveSteps} and SavesPerEpoch is {SavesPerEpoch}; give only one of them.");
        if (OutputDirectory is not null) return;
        if (SaveSteps > 0) throw NoFolder(nameof(SaveSteps), SaveSteps);
        if (SavesPerEpoch > 0) throw NoFolder(nameof(SavesPerEpoch), SavesPerEpoch);
        if (SaveTotalLimit > 0) throw NoFolder(nameof(SaveTotalLimit), SaveTotalLimit);
        if (LoadBestModelAtEnd) throw NoFolder(nameof(LoadBestModelAtEnd), LoadBestModelAtEnd);
    }

    private void ValidateStopping()
    {
        OptionCheck.AtLeast(EarlyStoppingPatience, 0, nameof(EarlyStoppingPatience));
        OptionCheck.NotNegative(EarlyStoppingThreshold, nameof(EarlyStoppingThreshold));
        if (EarlyStoppingThreshold > 0 && EarlyStoppingPatience == 0)
            throw new ArgumentException(FormattableString.Invariant($"EarlyStoppingThreshold is {EarlyStoppingThreshold} but EarlyStoppingPatience is 0, so that nothing stops; give the number of evaluations to wait, or leave the threshold 0."));
        if (MetricForBestModel is not null && string.IsNullOrWhiteSpace(MetricForBestModel)) throw new ArgumentException("MetricForBestModel is blank; give a metric's name, such as loss or rewards/accuracies, or null.");
        if (GreaterIsBetter is { } greater && !TracksBest)
            throw new ArgumentException($"GreaterIsBetter is {greater}, but no evaluations are compared; give MetricForBestModel, LoadBestModelAtEnd or EarlyStoppingPatience too, or leave it null.");
    }

    private void ValidateResuming()
    {
        if (ResumeFromCheckpoint == LatestCheckpoint && OutputDirectory is null)
            throw new ArgumentException($"ResumeFromCheckpoint is {LatestCheckpoint} but OutputDirectory is null; give the folder that the checkpoints are in.");
        if (!OverwriteOutputDirectory) return;
        if (OutputDirectory is null) throw new ArgumentException("OverwriteOutputDirectory is true but OutputDirectory is null; give the folder, or leave it false.");
        if (ResumeFromCheckpoint is not null) throw new ArgumentException($"OverwriteOutputDirectory is true and ResumeFromCheckpoint is '{ResumeFromCheckpoint}'; a run either goes on or starts afresh, so give only one of them.");
    }

    private static ArgumentException NoFolder(string name, object value) => new($"{name} is {value} but OutputDirectory is null; give a folder for the checkpoints.");

    // Only what decides the result: a run that compares no evaluations is the same run whatever it is evaluated on.
    private IEnumerable<KeyValuePair<string, object?>> StoppingIdentity()
    {
        if (!TracksBest) yield break;
        yield return new(nameof(MetricForBestModel), BestModel.MetricName(this));
        yield return new(nameof(GreaterIsBetter), BestModel.IsGreaterBetter(this));
        yield return new(nameof(LoadBestModelAtEnd), LoadBestModelAtEnd);
        yield return new(nameof(EvalSteps), EvalSteps);
        if (EarlyStoppingPatience == 0) yield break;
        yield return new(nameof(EarlyStoppingPatience), EarlyStoppingPatience);
        yield return new(nameof(EarlyStoppingThreshold), EarlyStoppingThreshold);
    }
}
