using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>A resumed run is that run, or an error that says why it is not.</summary>
public sealed class CheckpointsTests : IDisposable
{
    // What a run may change: it decides where and how often, how much memory, and who listens. Folders are hashed by content.
    private static readonly string[] Free =
    [
        "BaseModel", "Tokenizer", "MaxTokensPerMicroBatch", "EvalBatchSize", "GradientCheckpointing", "EvalSteps", "ValidationSet", "SaveSteps", "SavesPerEpoch", "SaveTotalLimit", "OutputDirectory", "OverwriteOutputDirectory",
        "ResumeFromCheckpoint", "Device", "NumThreads", "SamplePrompts", "TensorBoardDirectory", "Progress", "CancellationToken", "InitialAdapter", "ReferenceModel",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    private string Run => _folder["run"];

    private string Checkpoint => Path.Combine(Run, "checkpoint-2");

    private static readonly Dictionary<string, Action<DpoTrainer.Options>> Changes = new()
    {
        { "Lora.Alpha (8 there, 16 here)", o => o.Lora!.Alpha = 16 },
        { "Lora.Rank (4 there, 3 here)", o => o.Lora!.Rank = 3 },
        { "Lora.UseRsLora (False there, True here)", o => o.Lora!.UseRsLora = true },
        { "Lora.TargetModules (all-linear there, q_proj v_proj here)", o => o.Lora!.TargetModules = ["v_proj", "q_proj"] },
        { "Lora.RankPattern (none there, q_proj: 2 here)", o => o.Lora!.RankPattern = new Dictionary<string, int> { ["q_proj"] = 2 } },
        { "Lora.AlphaPattern (none there, q_proj: 2 here)", o => o.Lora!.AlphaPattern = new Dictionary<string, double> { ["q_proj"] = 2 } },
        { "Lora.TargetPattern (none there, .*(q|v)_proj here)", o => o.Lora!.TargetPattern = ".*(q|v)_proj" },
        { "Lora.ExcludeModules (none there, q_proj here)", o => o.Lora!.ExcludeModules = ["q_proj"] },
        { "Lora.ExcludePattern (none there, .*q_proj here)", o => o.Lora!.ExcludePattern = ".*q_proj" },
        { "Lora.LayersToTransform (none there, 0 here)", o => o.Lora!.LayersToTransform = [0] },
        { "Lora.LayersPattern (none there, layers here)", o => (o.Lora!.LayersToTransform, o.Lora.LayersPattern) = ([0], ["layers"]) },
        { "Lora.UseDora (none there, True here)", o => o.Lora!.UseDora = true },
        { "Lora.Initialization (none there, Pissa here)", o => o.Lora!.Initialization = LoraInitialization.Pissa },
        { "Lora.Dropout (none there, 0.1 here)", o => o.Lora!.Dropout = 0.1 },
        { "Lora.ModulesToSave (none there, lm_head here)", o => o.Lora!.ModulesToSave = ["lm_head"] },
        { "Lora.EnsureWeightTying (none there, True here)", o => (o.BaseModel, o.Lora!.ModulesToSave, o.Lora.EnsureWeightTying) = (Fixtures.PathTo("models", "smollm"), ["lm_head"], true) },
        { "Lora.Bias (none there, All here)", o => (o.BaseModel, o.Lora!.Bias) = (Fixtures.PathTo("models", "qwen2"), LoraBias.All) },
        { "Lora.LoraPlusLrRatio (none there, 16 here)", o => o.Lora!.LoraPlusLrRatio = 16 },
        { "Lora (none there, null, all weights here)", o => o.Lora = null },
        { "LearningRate (0.001 there, 0.002 here)", o => o.LearningRate = 2e-3 },
        { "Epochs (2 there, 3 here)", o => o.Epochs = 3 },
        { "MaxSteps (none there, 3 here)", o => o.MaxSteps = 3 },
        { "BatchSize (3 there, 2 here)", o => o.BatchSize = 2 },
        { "MaxLength (1024 there, 64 here)", o => o.MaxLength = 64 },
        { "TruncationMode (KeepStart there, KeepEnd here)", o => o.TruncationMode = TruncationMode.KeepEnd },
        { "Scheduler (Linear there, Cosine here)", o => o.Scheduler = LearningRateScheduler.Cosine },
        { "WarmupSteps (1 there, 2 here)", o => o.WarmupSteps = 2 },
        { "WarmupRatio (0 there, 0.5 here)", o => (o.WarmupSteps, o.WarmupRatio) = (0, 0.5) },
        { "MaxGradNorm (1 there, 0 here)", o => o.MaxGradNorm = 0 },
        { "WeightDecay (0 there, 0.1 here)", o => o.WeightDecay = 0.1 },
        { "AdamBeta1 (0.9 there, 0.8 here)", o => o.AdamBeta1 = 0.8 },
        { "AdamBeta2 (0.999 there, 0.99 here)", o => o.AdamBeta2 = 0.99 },
        { "AdamEpsilon (1E-08 there, 1E-06 here)", o => o.AdamEpsilon = 1e-6 },
        { "Seed (42 there, 43 here)", o => o.Seed = 43 },
        { "Shuffle (True there, False here)", o => o.Shuffle = false },
        { "Precision (Float32 there, BFloat16 here)", o => o.Precision = Precision.BFloat16 },
        { "MetricForBestModel (none there, eval_rewards/margins here)", o => o.MetricForBestModel = "rewards/margins" },
        { "GreaterIsBetter (none there, True here)", o => (o.MetricForBestModel, o.GreaterIsBetter) = ("loss", true) },
        { "LoadBestModelAtEnd (none there, True here)", o => o.LoadBestModelAtEnd = true },
        { "EarlyStoppingPatience (none there, 2 here)", o => o.EarlyStoppingPatience = 2 },
        { "EarlyStoppingThreshold (none there, 0.1 here)", o => (o.EarlyStoppingPatience, o.EarlyStoppingThreshold) = (2, 0.1) },
        { "LossType (sigmoid there, hinge here)", o => o.LossType = DpoLossType.Hinge },
        { "Beta (0.1 there, 0.3 here)", o => o.Beta = 0.3 },
        { "LabelSmoothing (0 there, 0.1 here)", o => (o.LossType, o.LabelSmoothing) = (DpoLossType.Robust, 0.1) },
        { "DiscopopTau (0.05 there, 0.1 here)", o => (o.LossType, o.DiscopopTau) = (DpoLossType.Discopop, 0.1) },
        { "SimpoGamma (0.5 there, 1 here)", o => (o.LossType, o.SimpoGamma) = (DpoLossType.Simpo, 1) },
        { "DpoLossScale (1 there, 0.5 here)", o => o.DpoLossScale = 0.5 },
        { "LmLossScale (0 there, 0.5 here)", o => o.LmLossScale = 0.5 },
        { "LdAlpha (1 there, 0.5 here)", o => o.LdAlpha = 0.5 },
        { "PairWeighting (Pairs there, Rows here)", o => o.PairWeighting = PairWeighting.Rows },
    };

    public static TheoryData<string> Others => [.. Changes.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Others))]
    public void Resume_OtherOption_SaysWhatDiffers(string expected)
    {
        Save();
        var error = Assert.Throws<ArgumentException>(() => Resume(Changes[expected]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Identity_EveryOption_IsInItOrFree()
    {
        var there = Changes.Keys.Select(expected => expected.Split(' ')[0].Replace("Lora.", "", StringComparison.Ordinal)).Append("Lora");
        var options = typeof(DpoTrainer.Options).GetProperties().Concat(typeof(LoraOptions).GetProperties()).Select(p => p.Name);
        Assert.Equal(options.Order(), there.Concat(Free).Distinct().Order());
    }

    [Fact]
    public void Resume_OtherTokensScoresOrOrder_SaysThatTheDataDiffer()
    {
        Save();
        var rows = Fixtures.Pairs(6);
        int[] changed = [.. rows[1].Responses[0]];
        changed[0]++;
        Differs([rows[0], rows[1] with { Responses = [changed, rows[1].Responses[1]] }, .. rows[2..]]);
        Differs([new PreferenceExample(0, rows[0].Prompt, rows[0].Responses, [0, 1]), .. rows[1..]]);
        Differs([rows[1], rows[0], .. rows[2..]]);

        void Differs(IReadOnlyList<PreferenceExample> others) =>
            Assert.Contains("differs in Data (content ", Assert.Throws<ArgumentException>(() => Resume(_ => { }, others)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_OtherBase_SaysSo()
    {
        Save();
        using (var other = new CausalLM(Architecture.Read(Fixtures.Llama), new RandomWeights(0.02, seed: 1), TorchSharp.torch.CPU)) ModelFolder.Save(other, _folder["base"]);
        Assert.Contains("BaseModel (content ", Assert.Throws<ArgumentException>(() => Resume(o => o.BaseModel = _folder["base"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_FreeOptions_GoesOn()
    {
        var whole = Save();
        Assert.Equal(whole, Resume(o => (o.EvalBatchSize, o.SaveSteps, o.OutputDirectory) = (1, 1, _folder["other"])));
        Assert.True(Directory.Exists(Path.Combine(_folder["other"], "checkpoint-3")));
    }

    [Fact]
    public void Resume_OtherThreads_UsesTheStoredOnesAndSaysSo()
    {
        var whole = Save(o => o.NumThreads = 2);
        Assert.Equal(whole, Resume(o => o.NumThreads = 1));
        Assert.Contains("NumThreads would be 1, but the run that goes on used 2", Assert.Single(_notes, n => n.StartsWith("NumThreads", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resume_PrecisionLeftOpen_IsTheStoredOne(bool lora)
    {
        var whole = Save(o => (o.Precision, o.Lora) = (Precision.BFloat16, lora ? o.Lora : null));
        Assert.Equal(whole, Resume(o => o.Lora = lora ? o.Lora : null));
    }

    [Fact]
    public void Resume_OtherMachine_SaysThatBitsMayDiffer()
    {
        Save();
        Rewrite(state => state with { Machine = new(state.Machine) { ["Processor"] = "abacus" } });
        Resume(_ => { });
        Assert.Contains("Processor (abacus there", Assert.Single(_notes, n => n.Contains("bits", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("adapter_config.json")]
    [InlineData("trainer_state.json")]
    public void Resume_OneBitRotten_NamesTheFile(string name)
    {
        Save();
        var path = Path.Combine(Checkpoint, name);
        var bytes = File.ReadAllBytes(path);
        var at = name == CheckpointState.FileName ? File.ReadAllText(path).IndexOf("\"Step\": 2", StringComparison.Ordinal) + 8 : bytes.Length - 8;
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        var error = Assert.Throws<InvalidDataException>(() => Resume(_ => { }));
        Assert.Contains(name + ": its content is not what was written", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter_model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("trainer_state.json")]
    public void Resume_MissingFile_NamesIt(string name)
    {
        Save();
        File.Delete(Path.Combine(Checkpoint, name));
        Assert.Contains(name + ": no such file", Assert.Throws<FileNotFoundException>(() => Resume(_ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(400)]
    public void Resume_StepOutsideTheRun_IsAnError(int step)
    {
        Save();
        Rewrite(state => state with { Step = step });
        Assert.Contains($"Step is {step}, but the run has steps 1 to 4", Assert.Throws<InvalidDataException>(() => Resume(_ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Step":2,"NumTokens":7,"Run":{"Rows":6,"TotalSteps":4}}""", "written by an earlier version")]
    [InlineData("""{"Format":3}""", "Format is 3, this version reads 2")]
    [InlineData("""{"Format":2,"Step":1}""", "lacks Run, Machine or Files")]
    [InlineData("""{"Format":2,"Run":7}""", "not a trainer state")]
    [InlineData("[]", "not a trainer state")]
    [InlineData("", "not a trainer state")]
    [InlineData("{\"Format\":2,\"\\ud800\":1}", "not a trainer state")]
    public void Resume_OtherState_SaysWhy(string state, string expected)
    {
        Save();
        File.WriteAllText(Path.Combine(Checkpoint, CheckpointState.FileName), state);
        var error = Assert.Throws<InvalidDataException>(() => Resume(_ => { }));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Resume_TornMetrics_GoesOnToTheSameBits()
    {
        var whole = Save();
        var metrics = Path.Combine(Run, MetricsFile.Name);
        var lines = File.ReadAllText(metrics);
        File.WriteAllText(metrics, string.Concat(File.ReadLines(metrics).Take(2).Select(l => l + "\n")) + "{\"loss\":0.6\0\0\0");
        Assert.Equal(whole, Resume(_ => { }));
        Assert.Equal(lines, File.ReadAllText(metrics));
        Assert.Contains(_notes, n => n.Contains("torn line", StringComparison.Ordinal));
    }

    [Fact]
    public void ResumeLatest_DamagedNewest_TakesTheOneBeforeAndSaysSo()
    {
        var whole = Save();
        File.WriteAllText(Path.Combine(Run, "checkpoint-4", "optimizer.safetensors"), "");
        var steps = new List<int>();
        Assert.Equal(whole, Resume(o => (o.ResumeFromCheckpoint, o.Progress) = (TrainingOptions.LatestCheckpoint, new Steps(steps))));
        Assert.Equal([3, 4], steps);
        Assert.Contains(_notes, n => n.Contains("checkpoint-4 is passed over", StringComparison.Ordinal));
    }

    [Fact]
    public void ResumeLatest_Nothing_IsAnError()
    {
        Assert.Contains("holds no whole checkpoint; leave it null", Assert.Throws<FileNotFoundException>(() => Resume(o => o.ResumeFromCheckpoint = "latest")).Message, StringComparison.Ordinal);
        Assert.Contains("OutputDirectory is null", Assert.Throws<ArgumentException>(() => Resume(o => (o.ResumeFromCheckpoint, o.OutputDirectory) = ("latest", null))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_FolderWithAnotherRunsCheckpoints_IsAnErrorThatSaysWhatToDo()
    {
        Save();
        var error = Assert.Throws<ArgumentException>(() => Train(o => o.Beta = 0.3));
        Assert.Contains("holds checkpoint-4 of another run (it differs in Beta (0.1 there, 0.3 here))", error.Message, StringComparison.Ordinal);
        Assert.Contains("OverwriteOutputDirectory", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Start_Overwriting_RemovesTheOldCheckpoints()
    {
        Save();
        Train(o => (o.Beta, o.SaveSteps, o.OverwriteOutputDirectory) = (0.3, 4, true));
        Assert.Equal(["checkpoint-4"], Directory.GetDirectories(Run).Select(Path.GetFileName));
        Assert.Contains(_notes, n => n.StartsWith("OverwriteOutputDirectory: 2 checkpoints", StringComparison.Ordinal));
        Assert.Contains("either goes on or starts afresh", Assert.Throws<ArgumentException>(() => Resume(o => o.OverwriteOutputDirectory = true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_SameRunAgain_WritesTheSameFiles()
    {
        var whole = Save();
        var state = File.ReadAllText(Path.Combine(Checkpoint, CheckpointState.FileName));
        Assert.Equal(whole, Save());
        Assert.Equal(state, File.ReadAllText(Path.Combine(Checkpoint, CheckpointState.FileName)));
    }

    [Fact]
    public void Start_FolderInUse_IsRefused()
    {
        using var other = RunFolder.Open(Run);
        Assert.Contains("another run is writing to", Assert.Throws<IOException>(() => Train(_ => { })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(1, 8)]
    public void ResumeEnd_MoreEpochsOrSteps_GoesOnAndSaysSo(int epochs, int maxSteps)
    {
        Save(Constant);
        var metrics = new List<TrainingProgress>();
        void Longer(DpoTrainer.Options o) => (o.ResumeFromCheckpoint, o.SaveSteps, o.Epochs, o.MaxSteps, o.Progress) = (TrainingOptions.LatestCheckpoint, 3, epochs, maxSteps, new Seen(metrics));
        var longer = Train(o => { Constant(o); Longer(o); });
        Assert.Equal([5, 6, 7, 8], metrics.Select(m => m.Step));
        Assert.Contains(_notes, n => n.Contains("is the end of a run (Epochs 2, 4 steps); it goes on to 8 steps", StringComparison.Ordinal));

        // Resumed in its middle, at step 6, it is the same run; and at a constant rate it is the run that was meant to be so long.
        Assert.Equal(longer, Train(o => { Constant(o); Longer(o); }));
        Assert.DoesNotContain(_notes, n => n.Contains("is the end of a run", StringComparison.Ordinal));
        Assert.Equal(longer, TinyTraining.Train(o => { Constant(o); o.Epochs = 4; }));
    }

    [Fact]
    public void ResumeEnd_MoreEpochs_HasTheScheduleOfTheWholeLength()
    {
        Save();
        var metrics = new List<TrainingProgress>();
        Train(o => (o.ResumeFromCheckpoint, o.Epochs, o.Progress) = (TrainingOptions.LatestCheckpoint, 4, new Seen(metrics)));
        Assert.Equal(Enumerable.Range(4, 4).Select(step => 1e-3 * (1 - ((step - 1) / 7.0))), metrics.Select(m => m.Metrics["learning_rate"]), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void ResumeEnd_OtherLengths_AreErrors()
    {
        Save();
        var end = Path.Combine(Run, "checkpoint-4");
        Assert.Contains("Epochs (2 there, 1 here)", Error(o => (o.ResumeFromCheckpoint, o.Epochs) = (end, 1)), StringComparison.Ordinal);
        Assert.Contains("checkpoint-4 can go on to 8 steps", Error(o => (o.ResumeFromCheckpoint, o.Epochs) = (Checkpoint, 4)), StringComparison.Ordinal);
        Assert.Contains("Beta (0.1 there, 0.2 here)", Error(o => (o.ResumeFromCheckpoint, o.Epochs, o.Beta) = (end, 4, 0.2)), StringComparison.Ordinal);
        Train(o => (o.ResumeFromCheckpoint, o.Epochs) = (end, 4));
        Assert.Contains("another run (it differs in", Error(o => o.Epochs = 4), StringComparison.Ordinal); // afresh it would be another
        Assert.Contains("another run (it differs in", Error(o => o.Epochs = 2), StringComparison.Ordinal);
        Assert.Contains("Epochs (4 there, 3 here)", Error(o => (o.ResumeFromCheckpoint, o.Epochs) = (TrainingOptions.LatestCheckpoint, 3)), StringComparison.Ordinal);

        string Error(Action<DpoTrainer.Options> change) => Assert.Throws<ArgumentException>(() => Train(change)).Message;
    }

    private static void Constant(DpoTrainer.Options options) => options.Scheduler = LearningRateScheduler.Constant;

    private float[] Save(Action<DpoTrainer.Options>? change = null)
    {
        return Train(o =>
        {
            o.SaveSteps = 2;
            change?.Invoke(o);
        });
    }

    private float[] Resume(Action<DpoTrainer.Options> change, IReadOnlyList<PreferenceExample>? rows = null) => Train(
        o =>
        {
            o.ResumeFromCheckpoint = Checkpoint;
            change(o);
        },
        rows);

    private float[] Train(Action<DpoTrainer.Options> change, IReadOnlyList<PreferenceExample>? rows = null)
    {
        _notes.Clear();
        return TinyTraining.Train(
            o =>
            {
                o.OutputDirectory = Run;
                change(o);
            },
            rows,
            _notes.Add);
    }

    // As a run would have written it.
    private void Rewrite(Func<CheckpointState, CheckpointState> change)
    {
        foreach (var folder in Directory.GetDirectories(Run)) change(CheckpointState.Read(folder)).Write(folder);
    }

    private sealed class Seen(List<TrainingProgress> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value);
    }

    private sealed class Steps(List<int> steps) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => steps.Add(value.Step);
    }
}
