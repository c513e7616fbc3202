using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>Whatever ends a fit or a load, no tensor outlives it.</summary>
public sealed class StoppedFitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, Action<DpoTrainer.Options>> Stops => new()
    {
        { "cancelled while the reference runs", o => Cancel(o, TrainingPhase.Reference, 2) },
        { "cancelled after a step", o => Cancel(o, TrainingPhase.Train, 2) },
        { "cancelled, all weights", o => { o.Lora = null; Cancel(o, TrainingPhase.Train, 2); } },
        { "cancelled, a loss of the whole step", o => { (o.LossType, o.MaxTokensPerMicroBatch) = (DpoLossType.Aot, 1); Cancel(o, TrainingPhase.Train, 1); } },
        { "diverged at its last step", o => (o.LearningRate, o.MaxSteps) = (1e9, 1) },
        { "diverged on the way", o => o.LearningRate = 1e30 },
        { "diverged on the way, all weights", o => (o.LearningRate, o.Lora) = (1e30, null) },
        { "diverged on the way, a loss of the whole step", o => (o.LossType, o.MaxTokensPerMicroBatch, o.LearningRate) = (DpoLossType.Aot, 1, 1e30) },
        { "a receiver that throws", o => o.Progress = new Reporter(_ => throw new InvalidOperationException()) },
        { "no such projection", o => o.Lora!.TargetModules = ["no_proj"] },
        { "a rank beyond the model", o => o.Lora!.Rank = 100_000 },
        { "no such adapter", o => o.Lora = new LoraOptions { InitialAdapter = "none" } },
        { "no such reference", o => o.ReferenceModel = "none" },
        { "no such checkpoint", o => o.ResumeFromCheckpoint = "none" },
    };

    [Theory]
    [MemberData(nameof(Stops), DisableDiscoveryEnumeration = true)]
    public void Fit_Stopped_LeavesNoTensorBehind(string stop, Action<DpoTrainer.Options> change)
    {
        AssertNoneLeft(stop, () => Assert.ThrowsAny<Exception>(() => Fit(change)));
    }

    [Fact]
    public void Fit_LastFilesOfItsInputsAreWrong_LeavesNoTensorBehind()
    {
        using (var model = Fit(o => o.MaxSteps = 1)) model.LastTransformer.SaveAdapter(_folder["adapter"]);
        Damage(Path.Combine(_folder["adapter"], "adapter_model.safetensors"));
        AssertNoneLeft("adapter", () => Assert.Throws<InvalidDataException>(() => Fit(o => o.Lora = new LoraOptions { InitialAdapter = _folder["adapter"] })));
        AssertNoneLeft("loaded adapter", () => Assert.Throws<InvalidDataException>(() => _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, adapter: _folder["adapter"])));

        Directory.CreateDirectory(_folder["base"]);
        foreach (var file in Directory.GetFiles(Fixtures.Llama)) File.Copy(file, Path.Combine(_folder["base"], Path.GetFileName(file)));
        Damage(Path.Combine(_folder["base"], "model.safetensors"));
        AssertNoneLeft("base", () => Assert.Throws<InvalidDataException>(() => Fit(o => o.BaseModel = _folder["base"])));
        AssertNoneLeft("reference", () => Assert.Throws<InvalidDataException>(() => Fit(o => o.ReferenceModel = _folder["base"])));
    }

    [Fact]
    public void Resume_DamagedCheckpoint_LeavesNoTensorBehind()
    {
        void Run(DpoTrainer.Options o) => (o.OutputDirectory, o.SaveSteps, o.MaxSteps) = (_folder["run"], 1, 2);
        Fit(Run).Dispose();
        Damage(_folder["run/checkpoint-2/optimizer.safetensors"]);
        AssertNoneLeft("checkpoint", () => Assert.ThrowsAny<Exception>(() => Fit(o => { Run(o); o.ResumeFromCheckpoint = _folder["run/checkpoint-2"]; })));
        AssertNoneLeft("another run's", () => Assert.Throws<ArgumentException>(() => Fit(o => { Run(o); (o.ResumeFromCheckpoint, o.Beta) = (_folder["run/checkpoint-1"], 0.4); })));
    }

    // A weight that is not a number, the last one that is read.
    private static void Damage(string path)
    {
        var bytes = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(path, bytes);
    }

    private static void Cancel(DpoTrainer.Options options, TrainingPhase phase, int step)
    {
        var source = new CancellationTokenSource();
        options.CancellationToken = source.Token;
        options.MaxTokensPerMicroBatch = 1;
        options.Progress = new Reporter(progress =>
        {
            if (progress.Phase == phase && progress.Step == step) source.Cancel();
        });
    }

    private static void AssertNoneLeft(string stop, Action action)
    {
        action(); // operators and caches
        var before = Tensors.Settled();
        action();
        Assert.True(before == Tensors.Settled(), $"{stop}: {Tensors.Settled() - before} tensors are left");
    }

    private TransformerChain<CausalLMTransformer> Fit(Action<DpoTrainer.Options> change)
    {
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, BatchSize = 2, Epochs = 2, MaxLength = 64, Device = "cpu" };
        change(options);
        return _ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(_ml.Preferences.Trainers.Dpo(options)).Fit(_ml.Data.TakeRows(_ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 4));
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
