using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo.Native;
using static TorchSharp.torch;

namespace MLNet.Dpo.Benchmarks;

/// <summary>One number about the product or the machine.</summary>
/// <param name="Value">The number.</param>
/// <param name="Unit">What it is of.</param>
/// <param name="PeakMb">VmHWM of the process, MiB.</param>
/// <param name="Note">What else is to be said.</param>
internal sealed record CaseMeasurement(double Value, string Unit, double PeakMb, string Note = "");

/// <summary>What is measured of the product beside pairs: loading, generation, long sequences, groups.</summary>
internal static class ProductCases
{
    private const int NewTokens = 64;

    /// <summary>All but the machine's own rate of products, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["loading", "generate 1", "generate 8", "samples 10", "length 256", "length 512", "length 1024", "length 2048", "group 4"];

    /// <summary>Measures one in this process.</summary>
    public static CaseMeasurement Measure(string name, string folder, int threads, Precision precision) => name.Split(' ') switch
    {
        ["gemm"] => Gemm(threads, precision),
        ["loading"] => Loading(folder, threads, precision),
        ["generate", var streams] => Generate(folder, threads, precision, Number(streams), 1),
        ["samples", var samples] => Generate(folder, threads, precision, 1, Number(samples)),
        ["length", var length] => Train(folder, threads, precision, [.. Enumerable.Range(0, 3).Select(i => Made(Number(length), 2, i))]),
        ["group", var responses] => Train(folder, threads, precision, [.. Enumerable.Range(0, 3).Select(i => Made(512, Number(responses), i))]),
        _ => throw new ArgumentException($"--case is '{name}': known are gemm, {string.Join(", ", Names)}."),
    };

    // The rate of a product of the MLP's shape, the best of several.
    private static CaseMeasurement Gemm(int threads, Precision precision)
    {
        TorchLibrary.Register();
        set_num_threads(threads);
        using var scope = NewDisposeScope();
        var type = precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var (x, w) = (randn(580, BenchmarkModel.Hidden).to(type), randn(BenchmarkModel.Intermediate, BenchmarkModel.Hidden).to(type));
        var best = double.MaxValue;
        for (var i = 0; i < 200; i++)
        {
            var clock = Stopwatch.StartNew();
            nn.functional.linear(x, w).Dispose();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }
        return new CaseMeasurement(2.0 * 580 * BenchmarkModel.Hidden * BenchmarkModel.Intermediate / best / 1e9, "GFLOP/s", ChildRun.PeakMb());
    }

    private static CaseMeasurement Loading(string folder, int threads, Precision precision)
    {
        var clock = Stopwatch.StartNew();
        using var model = new MLContext().Preferences.LoadPretrained(BenchmarkModel.BaseFolder(folder), numThreads: threads, precision: precision);
        return new CaseMeasurement(clock.Elapsed.TotalSeconds, "s", ChildRun.PeakMb());
    }

    private static CaseMeasurement Generate(string folder, int threads, Precision precision, int prompts, int samples)
    {
        var ml = new MLContext();
        using var model = ml.Preferences.LoadPretrained(BenchmarkModel.BaseFolder(folder), numThreads: threads, precision: precision);
        var options = new GenerationOptions { MaxNewTokens = NewTokens, MinNewTokens = NewTokens, Temperature = 1, Seed = 1, BatchSize = Math.Max(prompts, samples) };
        string[] texts = [.. Enumerable.Range(0, prompts).Select(i => string.Join(' ', Enumerable.Repeat("<unk>", 16 + i)))];
        ml.Preferences.Sample(model, texts[..1], new GenerationOptions { MaxNewTokens = 2 });
        var clock = Stopwatch.StartNew();
        ml.Preferences.Sample(model, texts, options, samples);
        return new CaseMeasurement(prompts * samples * NewTokens / clock.Elapsed.TotalSeconds, "tokens/s", ChildRun.PeakMb());
    }

    // The first row warms up.
    private static CaseMeasurement Train(string folder, int threads, Precision precision, IReadOnlyList<ProductRun.TokenRow> rows)
    {
        var clock = Stopwatch.StartNew();
        var steps = new List<TimeSpan>();
        var options = ProductRun.Settings(folder, threads);
        (options.Precision, options.MaxLength) = (precision, 8192);
        options.Progress = new ProductRun.Receiver(progress =>
        {
            if (progress.Phase == TrainingPhase.Train) steps.Add(clock.Elapsed);
        });
        var ml = new MLContext(seed: 0);
        using var model = ml.Preferences.Trainers.Dpo(options).Fit(ml.Data.LoadFromEnumerable(rows));
        return new CaseMeasurement((steps[^1] - steps[0]).TotalSeconds / (steps.Count - 1), "s a row", ChildRun.PeakMb(), ", reference cached");
    }

    // Random tokens: a quarter of a sequence is its prompt.
    private static ProductRun.TokenRow Made(int length, int responses, int seed)
    {
        var random = new Random(seed);
        var (prompt, each) = (length / 4, length - (length / 4));
        return new ProductRun.TokenRow
        {
            PromptTokens = Tokens(random, prompt),
            ResponseTokens = Tokens(random, each * responses),
            ResponseLengths = [.. Enumerable.Repeat(each, responses)],
            Scores = [.. Enumerable.Range(0, responses).Select(i => (float)-i)],
        };
    }

    private static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(3, BenchmarkModel.Vocabulary))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
