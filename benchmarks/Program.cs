using System.Globalization;
using MLNet.Dpo.Benchmarks;

// Times LoRA-DPO training beside two peers in one run, each side in a process of its own, one after the other and over again:
// plain PyTorch (peer/trl_like_dpo.py) and the same on TorchSharp (TorchSharpPeer.cs).
//   [--quick] [--steps N] [--repetitions N] [--threads N] [--data FILE] [--python PATH]
//   --ours FOLDER --threads N, --torchsharp FOLDER --threads N      one side: prints one line of JSON
const string RowsFile = "rows.jsonl";

try
{
    var options = Options.Parse(args);
    if (options.Ours is { } ours)
        Console.WriteLine(ChildRun.Print(ProductRun.Measure(ours, BenchmarkRows.ReadTokens(Path.Combine(ours, RowsFile)), options.Threads)));
    else if (options.TorchSharp is { } peer)
        Console.WriteLine(ChildRun.Print(TorchSharpPeer.Measure(peer, BenchmarkRows.ReadTokens(Path.Combine(peer, RowsFile)), options.Threads)));
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
    var rows = BenchmarkRows.Choose(BenchmarkRows.Read(options.Data), options.Steps);
    var folder = Directory.CreateTempSubdirectory("mlnet-dpo-bench-").FullName;
    try
    {
        BenchmarkRows.Write(Path.Combine(folder, RowsFile), rows);
        BenchmarkModel.Write(folder);
        Console.WriteLine(Machine.Describe());
        Console.WriteLine($"SmolLM2-135M's shape, float32, LoRA r {BenchmarkModel.LoraRank}, max_length {BenchmarkRows.MaxLength}, {options.Steps} pairs of {Path.GetFileName(options.Data)} " +
            $"({rows.Skip(1).Average(r => r.PaddedTokens):F0} tokens a pair padded, {rows.Skip(1).Average(r => r.SharedTokens):F0} with the prompt shared), {options.Threads} threads, {options.Repetitions} repetitions");
        Console.WriteLine();
        var (ours, torchSharp, python) = (new List<Measurement>(), new List<Measurement>(), new List<Measurement>());
        for (var repetition = 0; repetition < options.Repetitions; repetition++)
        {
            ours.Add(Own(options, "--ours", folder));
            torchSharp.Add(Own(options, "--torchsharp", folder));
            python.Add(ChildRun.Run(options.Python, options.Threads, Path.Combine(AppContext.BaseDirectory, "peer", "trl_like_dpo.py"), "--folder", folder, "--threads", Text(options.Threads)));
        }
        Report.Write(Console.Out, ours, [torchSharp, python]);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static Measurement Own(Options options, string side, string folder) =>
    ChildRun.Run(Environment.ProcessPath!, options.Threads, side, folder, "--threads", Text(options.Threads));

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
