using MLNet.Dpo.Adapters;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>How far a run has come.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Tokens">Tokens seen.</param>
/// <param name="Best">How its evaluations went; null where they are not compared.</param>
internal sealed record RunPosition(int Step, long Tokens, BestEvaluation? Best = null);

/// <summary>
/// Checkpoints of a run: the trained weights (a PEFT adapter folder or a model folder), the optimizer's moments and the step.
/// A checkpoint is written under a temporary name and renamed, so the last one is whole whenever the process dies; checksums show what happens to it later.
/// </summary>
internal sealed class Checkpoints
{
    private const string OptimizerName = "optimizer.safetensors";
    private readonly TrainingOptions _options;
    private readonly Action<string> _note;
    private readonly string? _resumedFolder;
    private readonly CheckpointState? _resumed;
    private RunIdentity? _identity;

    private Checkpoints(TrainingOptions options, Action<string> note)
    {
        (_options, _note) = (options, note);
        if (options.ResumeFromCheckpoint == TrainingOptions.LatestCheckpoint) (_resumedFolder, _resumed) = Newest(options.OutputDirectory!, note);
        else if (options.ResumeFromCheckpoint is { } folder) (_resumedFolder, _resumed) = (folder, ReadWhole(folder));
        LastFolder = _resumedFolder;
    }

    /// <summary>The threads to run with: those of the run that goes on, else those that the options ask for.</summary>
    internal int NumThreads => _resumed is null ? _options.NumThreads : RunMachine.ThreadsOf(_resumed.Machine) ?? _options.NumThreads;

    /// <summary>The precision to run with: that of the run that goes on where the options leave it open, else theirs, which <see cref="Claim"/> compares.</summary>
    internal Precision Precision => _options.Precision == Precision.Auto && _resumed is not null ? RunIdentity.PrecisionOf(_resumed.Run) : _options.Precision;

    /// <summary>The checkpoint that was written last, or gone on from; null before both.</summary>
    internal string? LastFolder { get; private set; }

    /// <summary>Reads the state of the checkpoint to go on from, if the options name one; what is wrong with it is found before a model is loaded.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="note">Takes lines for the log.</param>
    internal static Checkpoints Open(TrainingOptions options, Action<string> note) => new(options, note);

    /// <summary>Makes sure that the checkpoint to go on from, and all those in the output directory, are this run's. To be called before the first step, in the scope of <see cref="NumThreads"/>.</summary>
    /// <exception cref="ArgumentException">One is another run's; the message says what differs.</exception>
    internal void Claim(TrainingRun run, IReadOnlyList<PreferenceExample> rows, IReadOnlyList<PreferenceExample> validation)
    {
        if (_options.OutputDirectory is null && _resumed is null) return;
        _identity = RunIdentity.Of(_options, run, rows, validation);
        if (_resumed is not null) CheckResumed(run, StepPlan.Of(_options, rows.Count));
        if (_options.OutputDirectory is { } folder) ClaimFolder(folder);
    }

    /// <summary>Puts the checkpoint's weights and moments in place.</summary>
    /// <returns>Where it stands; step 0 for a fresh run.</returns>
    internal RunPosition Restore(TrainingRun run, AdamW optimizer)
    {
        if (_resumed is null) return new RunPosition(0, 0);
        RestoreWeights(run, _resumedFolder!);
        using (no_grad()) CopyInto(optimizer.Moments, Path.Combine(_resumedFolder!, OptimizerName));
        optimizer.StepCount = _resumed.Step;
        return new RunPosition(_resumed.Step, _resumed.NumTokens, _resumed.Best);
    }

    /// <summary>Writes <c>checkpoint-{step}</c> into the output directory, and removes those beyond the limit.</summary>
    internal void Save(TrainingRun run, AdamW optimizer, RunPosition position)
    {
        var path = FolderOf(position.Step);
        AtomicFolder.Write(path, folder =>
        {
            if (run.Adapter is { } adapter) AdapterFolder.Save(run.Model, adapter, folder, _options.BaseModel);
            else ModelFolder.Save(run.Model, folder);
            SafetensorsWriter.Write(Path.Combine(folder, OptimizerName), optimizer.Moments.Select(m => TensorSafetensors.Source(m.Key, m.Value)));
            CheckpointState.Write(folder, position, _identity!, RunMachine.Of(run.Model));
        });
        LastFolder = path;
        KeepToLimit(position);
    }

    /// <summary>Puts the best checkpoint's weights in place.</summary>
    /// <exception cref="FileNotFoundException">It is not there any more; the message says where it was looked for.</exception>
    internal void RestoreBest(TrainingRun run, BestEvaluation best) => RestoreWeights(run, FindBest(best));

    private string FolderOf(int step) => Path.Combine(_options.OutputDirectory!, $"checkpoint-{step}");

    private string FindBest(BestEvaluation best)
    {
        // A resumed run may write elsewhere than the one that it goes on with.
        var beside = _resumedFolder is null ? null : Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_resumedFolder)))!, $"checkpoint-{best.Step}");
        var folder = FolderOf(best.Step) is var own && (beside is null || Directory.Exists(own)) ? own : beside;
        ReadWhole(folder);
        return folder;
    }

    // The newest and the best stay; of the others the newest.
    private void KeepToLimit(RunPosition position)
    {
        if (_options.SaveTotalLimit == 0) return;
        var newest = FolderOf(position.Step);
        var best = position.Best is { Step: > 0 } b ? FolderOf(b.Step) : newest;
        var others = RunFolder.CheckpointsIn(_options.OutputDirectory!).Where(folder => Path.GetFileName(folder) is var name && name != Path.GetFileName(newest) && name != Path.GetFileName(best));
        foreach (var folder in others.Skip(Math.Max(0, _options.SaveTotalLimit - (best == newest ? 1 : 2)))) Remove(folder);
    }

    private void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _note($"SaveTotalLimit: {folder} is one too many, but cannot be removed: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static void RestoreWeights(TrainingRun run, string folder)
    {
        using var noGrad = no_grad();
        if (run.Adapter is null)
        {
            CopyInto(run.Parameters, Path.Combine(folder, "model.safetensors"));
            run.Model.Masters?.Refresh();
            return;
        }
        using var checkpoint = Open(Path.Combine(folder, AdapterFolder.WeightsName));
        AdapterTensors.Restore(run.Model, (name, shape, dtype) => Read(checkpoint, name, shape, dtype, run.Model.Device));
    }

    private void CheckResumed(TrainingRun run, StepPlan plan)
    {
        var (folder, state) = (_resumedFolder!, _resumed!);
        if (Prolongs(state, plan))
        {
            _identity = _identity!.Having(string.Join(", ", LongerRun.EndsOf(state.Run)));
            _note($"{folder} is the end of a run ({LongerRun.EndsOf(state.Run)[^1]}, {state.Step} steps); it goes on to {plan.Total} steps ({LongerRun.EndsOf(_identity.Values)[^1]}), from here on with the learning rate of a run of that length.");
        }
        else if (state.Run.TryGetValue(LongerRun.Passed, out var passed))
        {
            _identity = _identity!.Having(passed);
        }
        if (_identity!.DifferencesFrom(state.Run) is { Length: > 0 } differences && !LongerRun.IsPartOf(state.Run, _identity.Values))
            throw new ArgumentException($"ResumeFromCheckpoint: {folder} is of another run, which differs in {differences}; use the same data and options, or start afresh.{HowToProlong(state, plan)}");
        if (state.Step < 1 || state.Step > plan.Total)
            throw new InvalidDataException($"{Path.Combine(folder, CheckpointState.FileName)}: Step is {state.Step}, but the run has steps 1 to {plan.Total}; use another checkpoint.");
        if (_options.LoadBestModelAtEnd && state.Best is { Step: > 0 } best) FindBest(best);
        NoteMachine(run, RunMachine.Of(run.Model), state.Machine);
    }

    // Only from its end, and only to a later one: a changed number of epochs is a slip in all other places.
    private bool Prolongs(CheckpointState state, StepPlan plan) =>
        LongerRun.DifferInLengthAlone(state.Run, _identity!.Values) && state.Step == LongerRun.StepsOf(state.Run, plan.PerEpoch) && plan.Total > state.Step;

    private string HowToProlong(CheckpointState state, StepPlan plan) =>
        LongerRun.DifferInLengthAlone(state.Run, _identity!.Values) && LongerRun.StepsOf(state.Run, plan.PerEpoch) is var steps && steps < plan.Total
            ? $" To train longer, let that run end first: its checkpoint-{steps} can go on to {plan.Total} steps."
            : "";

    private void ClaimFolder(string folder)
    {
        var there = RunFolder.CheckpointsIn(folder);
        if (_options.OverwriteOutputDirectory)
        {
            foreach (var checkpoint in there) Directory.Delete(checkpoint, recursive: true);
            if (there.Count > 0) _note($"OverwriteOutputDirectory: {there.Count} checkpoints of an earlier run were removed from {folder}.");
            return;
        }
        foreach (var checkpoint in there)
        {
            if (WhyNotOurs(checkpoint) is { } why)
                throw new ArgumentException($"OutputDirectory: {folder} holds {Path.GetFileName(checkpoint)} of another run ({why}); go on with that run (its options, and ResumeFromCheckpoint), give another folder, or set OverwriteOutputDirectory to remove its checkpoints.");
        }
    }

    private string? WhyNotOurs(string checkpoint)
    {
        try
        {
            var theirs = CheckpointState.Read(checkpoint).Run;
            return _identity!.DifferencesFrom(theirs) is { Length: > 0 } differences && !LongerRun.IsPartOf(theirs, _identity.Values) ? "it differs in " + differences : null;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static CheckpointState ReadWhole(string folder)
    {
        var state = CheckpointState.Read(folder);
        state.CheckFiles(folder);
        return state;
    }

    private static (string Folder, CheckpointState State) Newest(string output, Action<string> note)
    {
        foreach (var folder in RunFolder.CheckpointsIn(output))
        {
            try
            {
                return (folder, ReadWhole(folder));
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                note($"{folder} is passed over: {e.Message}");
            }
        }
        throw new FileNotFoundException($"ResumeFromCheckpoint is {TrainingOptions.LatestCheckpoint}, but OutputDirectory '{output}' holds no whole checkpoint; leave it null to start afresh.");
    }

    private void NoteMachine(TrainingRun run, Dictionary<string, string> here, Dictionary<string, string> there)
    {
        if (CpuThreads.Choose(_options.NumThreads, run.Model) is var own && own != NumThreads && NumThreads > 0)
            _note($"NumThreads would be {own}, but the run that goes on used {NumThreads}; {NumThreads} are used, so that its bits stay the same.");
        var others = here.Where(value => there.GetValueOrDefault(value.Key) != value.Value).Select(value => $"{value.Key} ({there.GetValueOrDefault(value.Key, "unknown")} there, {value.Value} here)").ToList();
        if (others.Count > 0) _note($"{_resumedFolder} was computed with other means, so the last bits of the result may differ: {string.Join(", ", others)}.");
    }

    private static void CopyInto(IEnumerable<KeyValuePair<string, Tensor>> tensors, string path)
    {
        using var checkpoint = Open(path);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            tensor.copy_(Read(checkpoint, name, tensor.shape, tensor.dtype, tensor.device));
        }
    }

    private static SafetensorsCheckpoint Open(string path) => File.Exists(path) ? SafetensorsCheckpoint.Open(path)
        : throw new FileNotFoundException($"{path}: no such file, the checkpoint is not whole; use an earlier one.", path);

    private static Tensor Read(SafetensorsCheckpoint checkpoint, string name, long[] shape, ScalarType dtype, Device device)
    {
        var saved = TensorSafetensors.Read(checkpoint, name, dtype, device);
        return saved.shape.SequenceEqual(shape) ? saved
            : throw new InvalidDataException($"{checkpoint.Path}: {name} has shape [{string.Join(", ", saved.shape)}], this run's has [{string.Join(", ", shape)}]; use another checkpoint, or start afresh.");
    }
}
