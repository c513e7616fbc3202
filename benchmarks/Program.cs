using System.Globalization;
using MLNet.Dpo.Benchmarks;

// Times LoRA-DPO training side by side with the peer (peer/trl_like_dpo.py) in one run, each side in a process of its own.
//   [--quick] [--steps N] [--threads N] [--data FILE] [--python PATH]
//   --ours ROWS --threads N      the product's side: prints one line of JSON
const int MaxLength = 512;
const int QuickSteps = 3;
const int FullSteps = 12;

try
{
    var options = Options.Parse(args);
    if (options.Ours is { } rowsFile)
        Console.WriteLine(ChildRun.Print(ProductRun.Measure(BenchmarkRows.ReadTokens(rowsFile), options.Threads)));
    else
        Compare(options);
    return 0;
}
catch (Exception e) when (e is ArgumentException or IOException or InvalidOperationException or NotSupportedException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static void Compare(Options options)
{
    var steps = options.Steps ?? (options.Quick ? QuickSteps : FullSteps);
    var rows = BenchmarkRows.Choose(BenchmarkRows.Read(options.Data, MaxLength), steps);
    var rowsPath = Path.GetTempFileName();
    try
    {
        BenchmarkRows.Write(rowsPath, rows);
        Console.WriteLine($"SmolLM2-135M's shape, float32, LoRA r 16, max_length {MaxLength}, {steps} pairs of {Path.GetFileName(options.Data)} " +
            $"({rows.Average(r => r.PaddedTokens):F0} tokens a pair padded, {rows.Average(r => r.SharedTokens):F0} with the prompt shared), {options.Threads} threads");
        Report.Write(Console.Out, Peer(options, rowsPath, steps), Peer(options, rowsPath, steps, "--precomputed-reference"), Ours(options, rowsPath));
    }
    finally
    {
        File.Delete(rowsPath);
    }
}

static Measurement Peer(Options options, string rows, int steps, params string[] more) =>
    ChildRun.Run(options.Python, options.Threads, [Path.Combine(AppContext.BaseDirectory, "peer", "trl_like_dpo.py"),
        "--rows", rows, "--steps", Text(steps), "--threads", Text(options.Threads), .. more]);

static Measurement Ours(Options options, string rows) =>
    ChildRun.Run(Environment.ProcessPath!, options.Threads, "--ours", rows, "--threads", Text(options.Threads));

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
