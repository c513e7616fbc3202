using System.Globalization;
using MLNet.Dpo;
using MLNet.Dpo.Benchmarks;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

// Times LoRA-DPO training beside two peers in one run, each side in a process of its own, one after the other and over again:
// plain PyTorch (peer/trl_like_dpo.py) and the same on TorchSharp (TorchSharpPeer.cs).
//   [--quick] [--steps N] [--repetitions N] [--threads N] [--data FILE] [--python PATH]
//   --ours FOLDER --threads N [--precision P], --torchsharp FOLDER --threads N, --case NAME --ours FOLDER      one side or measurement: prints one line of JSON
const string RowsFile = "rows.jsonl";

try
{
    var options = Options.Parse(args);
    if (options.Case is { } name)
        Console.WriteLine(ChildRun.Print(ProductCases.Measure(name, options.Ours!, options.Threads, options.Precision)));
    else if (options.Ours is { } ours)
        Console.WriteLine(ChildRun.Print(ProductRun.Measure(ours, BenchmarkRows.ReadTokens(Path.Combine(ours, RowsFile)), options.Threads, options.Precision)));
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
        Console.WriteLine($"SmolLM2-135M's shape, LoRA r {BenchmarkModel.LoraRank}, max_length {BenchmarkRows.MaxLength}, {options.Steps} pairs of {Path.GetFileName(options.Data)} " +
            $"({rows.Skip(1).Average(r => r.PaddedTokens):F0} tokens a pair padded, {rows.Skip(1).Average(r => r.SharedTokens):F0} with the prompt shared), {options.Threads} threads, {options.Repetitions} repetitions");
        Console.WriteLine();
        Precision[] precisions = PrecisionChoice.InHardware(CPU) ? [Precision.Float32, Precision.BFloat16] : [Precision.Float32];
        var gemm = precisions.ToDictionary(precision => precision, precision => Case("gemm", precision).Value);
        var ours = precisions.ToDictionary(precision => precision, _ => new List<Measurement>());
        var (torchSharp, python) = (new List<Measurement>(), new List<Measurement>());
        for (var repetition = 0; repetition < options.Repetitions; repetition++)
        {
            foreach (var precision in precisions) ours[precision].Add(Own(options, "--ours", folder, "--precision", precision.ToString()));
            torchSharp.Add(Own(options, "--torchsharp", folder));
            python.Add(ChildRun.Run<Measurement>(options.Python, options.Threads, Path.Combine(AppContext.BaseDirectory, "peer", "trl_like_dpo.py"), "--folder", folder, "--threads", Text(options.Threads)));
        }
        Report.Write(Console.Out, [.. ours.Values], [torchSharp, python]);
        foreach (var precision in precisions) Report.WriteBound(Console.Out, ours[precision], gemm[precision], NeededFlops.OfPair(rows.Skip(1)));
        Console.WriteLine();
        foreach (var name in options.Quick ? [] : ProductCases.Names)
        {
            foreach (var precision in precisions) Report.WriteCase(Console.Out, name, precision, [.. Enumerable.Range(0, options.Repetitions).Select(_ => Case(name, precision))]);
        }

        CaseMeasurement Case(string name, Precision precision) => ChildRun.Run<CaseMeasurement>(
            Environment.ProcessPath!, options.Threads, "--case", name, "--ours", folder, "--precision", precision.ToString(), "--threads", Text(options.Threads));
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static Measurement Own(Options options, string side, string folder, params string[] more) =>
    ChildRun.Run<Measurement>(Environment.ProcessPath!, options.Threads, [side, folder, "--threads", Text(options.Threads), .. more]);

static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
