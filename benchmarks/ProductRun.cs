using System.Diagnostics;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The product's side: LoRA-DPO steps on a randomly initialised model of SmolLM2-135M's shape.</summary>
internal static class ProductRun
{
    public static Measurement Measure(IReadOnlyList<PairTokens> rows, int threads)
    {
        var (referenceSeconds, trainingSeconds, losses) = TimeReferenceAndSteps(rows, threads);
        return new Measurement(rows.Count / trainingSeconds, trainingSeconds, referenceSeconds, ChildRun.PeakMb(), losses);
    }

    /// <summary>
    /// Builds the model, does one warm-up step on the last row, and times one pass of the reference over <paramref name="rows"/> and then
    /// one training step a row (r 16, alpha 32 on all linear layers, beta 0.1, AdamW, clip 1.0, float32).
    /// </summary>
    private static (double ReferenceSeconds, double TrainingSeconds, double[] Losses) TimeReferenceAndSteps(IReadOnlyList<PairTokens> rows, int threads)
    {
        _ = Stopwatch.StartNew();
        throw new NotSupportedException($"The engine is not wired in yet ({rows.Count} rows, {threads} threads).");
    }
}
