using System.Diagnostics;
using Microsoft.ML;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The product's side: a whole <see cref="DpoTrainer"/> run with the peers' settings, timed between the events that it reports.</summary>
internal static class ProductRun
{
    internal sealed class TokenRow
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];

        public int[] ResponseLengths { get; set; } = [];

        public float[] Scores { get; set; } = [1, 0];
    }

    /// <summary>One pair a step, and one at a time through the reference: so each event stands for a row. The first row warms up and is not timed.</summary>
    public static Measurement Measure(string folder, IReadOnlyList<PairTokens> rows, int threads, Precision precision)
    {
        var clock = Stopwatch.StartNew();
        var (reference, steps, losses) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<double>());
        var options = Settings(folder, threads);
        options.Precision = precision;
        options.Progress = new Receiver(progress =>
        {
            if (progress.Phase == TrainingPhase.Reference) reference.Add(clock.Elapsed);
            else steps.Add(clock.Elapsed);
            if (progress.Phase == TrainingPhase.Train) losses.Add(progress.Metrics["loss"]);
        });

        var ml = new MLContext(seed: 0);
        var data = ml.Data.LoadFromEnumerable(rows.Select(row => new TokenRow
        {
            PromptTokens = row.Prompt,
            ResponseTokens = [.. row.Chosen, .. row.Rejected],
            ResponseLengths = [row.Chosen.Length, row.Rejected.Length],
        }));
        using var model = ml.Preferences.Trainers.Dpo(options).Fit(data);
        if (reference.Count != rows.Count || losses.Count != rows.Count)
            throw new InvalidOperationException($"{rows.Count} rows gave {reference.Count} events of the reference and {losses.Count} of training; expected one each.");
        return new Measurement(precision == Precision.BFloat16 ? "MLNet.Dpo, bfloat16" : "MLNet.Dpo, float32", (steps[^1] - steps[0]).TotalSeconds, (reference[^1] - reference[0]).TotalSeconds, ChildRun.PeakMb(), [.. losses]);
    }

    /// <summary>The settings of the peers.</summary>
    public static DpoTrainer.Options Settings(string folder, int threads) => new()
    {
        Precision = Precision.Float32, // as the peers
        BaseModel = BenchmarkModel.BaseFolder(folder),
        Lora = new LoraOptions { Rank = BenchmarkModel.LoraRank, Alpha = BenchmarkModel.LoraAlpha },
        Beta = 0.1,
        LearningRate = 5e-5,
        Scheduler = LearningRateScheduler.Constant,
        Epochs = 1,
        BatchSize = 1,
        Shuffle = false,
        MaxLength = BenchmarkRows.MaxLength,
        MaxTokensPerMicroBatch = 1,
        MaxGradNorm = 1,
        Device = "cpu",
        NumThreads = threads,
    };

    internal sealed class Receiver(Action<TrainingProgress> receive) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => receive(value);
    }
}
