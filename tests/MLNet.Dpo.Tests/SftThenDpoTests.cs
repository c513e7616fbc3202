using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Supervised fine-tuning first, then preferences on its adapter: the reference is the tuned model, and the adapter that comes out holds both.</summary>
public sealed class SftThenDpoTests : IDisposable
{
    private const double Beta = 0.2;

    private static readonly string[] Weighted =
    [
        """{"messages": [{"role": "user", "content": "hi!"}, {"role": "assistant", "content": "Hi!", "loss_weight": 0.5}, {"role": "user", "content": "and you?"}, {"role": "assistant", "content": [{"text": "Well.", "score": 2, "lm_loss_mask": 1}, {"text": "I am well, thank you!", "score": 1}, {"text": "Who knows?", "score": 0}]}]}""",
        """{"messages": [{"role": "user", "content": "bye"}, {"role": "assistant", "content": [{"text": "Bye!", "score": 1, "lm_loss_mask": 1}, {"text": "Goodbye, it was a pleasure.", "score": 0}]}]}""",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 0.5)]
    public void Fit_OnTheAdapterOfSft_HasItAsReference(bool weighted, double lmLossScale)
    {
        File.WriteAllLines(_folder["weighted.jsonl"], Weighted);
        var rows = weighted ? _ml.Preferences.Load(_folder["weighted.jsonl"]) : _ml.Data.TakeRows(_ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), 4);
        var tokenize = _ml.Preferences.Tokenize(Fixtures.TinyChatml);
        using var sft = tokenize.Append(_ml.Preferences.Trainers.Sft(new SftTrainer.Options { BaseModel = Fixtures.Llama, Tokenizer = Fixtures.TinyChatml, Lora = new LoraOptions { Rank = 4 }, LearningRate = 3e-3, Epochs = 2, Device = "cpu" })).Fit(rows);
        sft.LastTransformer.SaveAdapter(_folder["sft"]);

        var steps = new List<TrainingProgress>();
        using var both = tokenize.Append(_ml.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Tokenizer = Fixtures.TinyChatml,
            Lora = new LoraOptions { InitialAdapter = _folder["sft"] },
            Beta = Beta,
            LearningRate = 3e-3,
            LmLossScale = lmLossScale,
            Epochs = 2,
            Device = "cpu",
            Progress = new Reporter(steps.Add),
        })).Fit(rows);
        both.LastTransformer.SaveAdapter(_folder["both"]);
        using var bare = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml);
        using var whole = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, adapter: _folder["both"]);

        var first = steps.First(step => step.Phase == TrainingPhase.Train).Metrics;
        Assert.Equal(0, first["rewards/margins"], 1e-5);
        Assert.Equal(Math.Log(2), first[lmLossScale > 0 ? "dpo_loss" : "loss"], 1e-5);
        if (lmLossScale > 0) Assert.Equal(Math.Log(2) + (lmLossScale * first["lm_loss"]), first["loss"], 1e-5);

        var (before, after) = (Logps(sft, rows), Logps(both, rows));
        Assert.All(Values(both, rows, "Rewards").Zip(after.Zip(before)), row => Assert.Equal(Beta * (row.Second.First - row.Second.Second), row.First, 1e-3f));
        Assert.All(Logps(whole, rows).Zip(after), row => Assert.Equal(row.Second, row.First, 1e-3f));
        Assert.Contains(before.Zip(Logps(bare, rows)), row => Math.Abs(row.First - row.Second) > 0.1);
    }

    private float[] Logps(ITransformer model, IDataView rows) => Values(model, rows, "Logps");

    private float[] Values(ITransformer model, IDataView rows, string column) => [.. _ml.Preferences.Score(model, rows).GetColumn<float[]>(column).SelectMany(values => values)];

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
