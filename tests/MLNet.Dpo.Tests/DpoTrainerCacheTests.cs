using Microsoft.ML;
using MLNet.Dpo.Training.Reference;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>A training that reads the reference's log-probabilities from its output directory ends as one that computes them.</summary>
public sealed class DpoTrainerCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    private string CachePath => Path.Combine(_folder["run"], ReferenceCache.FileName);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fit_WarmCache_EndsWithTheSameBits(bool lora)
    {
        var cold = Train(o => o.Lora = lora ? o.Lora : null);
        Assert.DoesNotContain(_log, IsAboutTheCache);
        var metrics = File.ReadAllText(Path.Combine(_folder["run"], "metrics.jsonl"));

        Assert.Equal(cold, Train(o => o.Lora = lora ? o.Lora : null));
        AssertRead();
        Assert.Equal(metrics, File.ReadAllText(Path.Combine(_folder["run"], "metrics.jsonl")));
    }

    [Fact]
    public void Fit_OtherLossSettings_ReadsTheCache()
    {
        Train(_ => { });
        Train(o => (o.Beta, o.LearningRate, o.Epochs, o.BatchSize, o.Seed, o.LmLossScale) = (0.5, 1e-4, 2, 2, 7, 1));
        AssertRead();
    }

    [Fact]
    public void Fit_Resumed_ReadsTheCacheAndEndsWithTheSameBits()
    {
        var whole = Train(o => o.SaveSteps = 1);
        Assert.Equal(whole, Train(o => o.ResumeFromCheckpoint = Path.Combine(_folder["run"], "checkpoint-1")));
        AssertRead();
    }

    [Fact]
    public void Fit_OtherData_ComputesAndReplaces() => AssertReplaced(_ => { }, rows: 5);

    [Fact]
    public void Fit_OtherValidationData_ComputesAndReplaces() => AssertReplaced(_ => { }, validationRows: 1);

    [Fact]
    public void Fit_OtherMaxLength_ComputesAndReplaces() => AssertReplaced(o => o.MaxLength = 64);

    [Fact]
    public void Fit_OtherAdapter_ComputesAndReplaces()
    {
        var adapter = _folder["adapter"];
        using (var model = Fit(o => o.OutputDirectory = null)) model.SaveAdapter(adapter);
        AssertReplaced(o => o.Lora = new LoraOptions { InitialAdapter = adapter });
    }

    [Fact]
    public void Fit_OtherBaseModel_ComputesAndReplaces()
    {
        using (var model = Fit(o => (o.OutputDirectory, o.Lora) = (null, null))) model.SaveModelFolder(_folder["base"]);
        AssertReplaced(o => o.BaseModel = _folder["base"]);
    }

    [Fact]
    public void Fit_DamagedFile_ComputesAndReplacesIt()
    {
        var cold = Train(_ => { });
        var file = File.ReadAllBytes(CachePath);
        File.WriteAllBytes(CachePath, file[..^3]);
        Assert.Equal(cold, Train(_ => { }));
        Assert.Contains("cannot be used", Assert.Single(_log, IsAboutTheCache), StringComparison.Ordinal);
        Assert.Equal(file, File.ReadAllBytes(CachePath));
        Assert.DoesNotContain(Directory.GetFiles(_folder["run"]), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Fit_NoOutputDirectory_WritesNothing()
    {
        Train(o => o.OutputDirectory = null);
        Assert.False(Directory.Exists(_folder["run"]));
    }

    // The other run computes, ends as it would in an empty folder, and leaves its own values behind.
    private void AssertReplaced(Action<DpoTrainer.Options> change, int rows = 6, int validationRows = 0)
    {
        Train(_ => { });
        var before = File.ReadAllBytes(CachePath);
        var replaced = Train(change, rows, validationRows);
        Assert.Contains("computed anew", Assert.Single(_log, IsAboutTheCache), StringComparison.Ordinal);
        Assert.NotEqual(before, File.ReadAllBytes(CachePath));
        Assert.Equal(replaced, Train(o => { change(o); o.OutputDirectory = _folder["fresh"]; }, rows, validationRows));
        Train(change, rows, validationRows);
        AssertRead();
    }

    private void AssertRead() => Assert.Contains("read from", Assert.Single(_log, IsAboutTheCache), StringComparison.Ordinal);

    private static bool IsAboutTheCache(string line) => line.Contains("eference log-probabilities", StringComparison.Ordinal);

    // The trained weights' file.
    private byte[] Train(Action<DpoTrainer.Options> change, int rows = 6, int validationRows = 0)
    {
        _log.Clear();
        var result = _folder["result"];
        using var model = Fit(change, rows, validationRows);
        if (model.Model.Adapter is not null) model.SaveAdapter(result);
        else model.SaveModelFolder(result);
        return File.ReadAllBytes(Path.Combine(result, model.Model.Adapter is not null ? "adapter_model.safetensors" : "model.safetensors"));
    }

    // Three steps, unless there are more rows or other options.
    private CausalLMTransformer Fit(Action<DpoTrainer.Options> change, int rows = 6, int validationRows = 0)
    {
        var options = new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Tokenizer = Fixtures.TinyChatml,
            LearningRate = 2e-3,
            BatchSize = 2,
            MaxLength = 256,
            Device = "cpu",
            OutputDirectory = _folder["run"],
        };
        change(options);
        options.OverwriteOutputDirectory = options is { OutputDirectory: not null, ResumeFromCheckpoint: null };
        var ml = new MLContext(seed: 1);
        ml.Log += (_, e) => _log.Add(e.Message);
        var file = ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl"));
        var tokenized = ml.Preferences.Tokenize(Fixtures.TinyChatml).Fit(file).Transform(file);
        var validation = validationRows == 0 ? null : ml.Data.TakeRows(tokenized, validationRows);
        return ml.Preferences.Trainers.Dpo(options).Fit(ml.Data.TakeRows(tokenized, rows), validation);
    }
}
