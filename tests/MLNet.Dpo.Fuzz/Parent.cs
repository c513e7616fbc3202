using System.Diagnostics;
using System.Globalization;

namespace MLNet.Dpo.Fuzz;

/// <summary>Runs a reader's mutants in child processes and gathers the distinct outcomes.</summary>
internal static class Parent
{
    private static readonly TimeSpan MutantLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private static readonly Measure Nothing = new(new Outcome("", ""), TimeSpan.Zero, 0);

    /// <summary>Where the smallest input of each faulty outcome lies.</summary>
    public static string Inputs { get; } = Path.Combine(Path.GetTempPath(), "mlnet-dpo-fuzz");

    /// <summary>Runs a reader's mutants and says each distinct outcome with its smallest input.</summary>
    /// <returns>The number of distinct outcomes that no caller is promised.</returns>
    public static int Run(Reader reader, int count)
    {
        var (seen, slowest, largest) = Outcomes(reader, count);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reader.Name}: {count} mutants, {seen.Count} outcomes, at most {slowest.Measure.Time.TotalSeconds:0.000} s (mutant {slowest.Index}) and {largest.Measure.Taken / 1048576.0:0.0} MB (mutant {largest.Index})"));
        foreach (var ((shape, fault), (index, size, times)) in seen.OrderBy(pair => pair.Key.Fault.Length == 0).ThenByDescending(pair => pair.Value.Times))
            Console.WriteLine($"  {(fault.Length == 0 ? "ok   " : "FAULT")} {times,5} x {shape}  smallest: mutant {index}, {size} bytes{(fault.Length == 0 ? "" : $"  {fault}  {Keep(reader, index)}")}");
        return seen.Keys.Count(key => key.Fault.Length > 0);
    }

    /// <summary>The distinct outcomes of a reader's mutants, and the mutants that took the most time and memory.</summary>
    public static (Dictionary<(string Shape, string Fault), (int Index, int Size, int Times)> Seen, (int Index, Measure Measure) Slowest, (int Index, Measure Measure) Largest) Outcomes(Reader reader, int count)
    {
        var seen = new Dictionary<(string Shape, string Fault), (int Index, int Size, int Times)>();
        var (slowest, largest) = ((Index: 0, Measure: Nothing), (Index: 0, Measure: Nothing));
        for (var next = 0; next < count;)
            next = RunChild(reader, next, count, (index, size, measure) =>
            {
                if (measure.Time > slowest.Measure.Time) slowest = (index, measure);
                if (measure.Taken > largest.Measure.Taken) largest = (index, measure);
                var key = (measure.Outcome.Shape, measure.Outcome.Fault);
                var known = seen.GetValueOrDefault(key, (index, size, 0));
                seen[key] = size < known.Item2 ? (index, size, known.Item3 + 1) : (known.Item1, known.Item2, known.Item3 + 1);
            });
        return (seen, slowest, largest);
    }

    /// <returns>The mutant to go on with.</returns>
    private static int RunChild(Reader reader, int next, int count, Action<int, int, Measure> report)
    {
        using var child = Process.Start(Start(reader, next, count - next))!;
        var errors = child.StandardError.ReadToEndAsync();
        var limit = StartLimit;
        while (true)
        {
            var line = child.StandardOutput.ReadLineAsync();
            var inTime = Answers(child, line, limit);
            if (inTime && line.Result == "ready")
            {
                limit = MutantLimit;
            }
            else if (inTime && line.Result is { } text && Measure.Parse(text) is var (index, size, measure))
            {
                next = index + 1;
                report(index, size, measure);
            }
            else if (!inTime || line.Result is null)
            {
                if (!inTime) child.Kill();
                child.WaitForExit();
                if (limit == StartLimit) throw new InvalidOperationException($"{reader.Name}: the undamaged file is not read: {errors.Result}");
                if (next == count) return next;
                report(next, reader.Mutant(next).Length, Nothing with { Time = inTime ? TimeSpan.Zero : limit, Outcome = inTime ? new Outcome($"exit code {child.ExitCode}", "the process died") : new Outcome("no answer", $"takes more than {limit.TotalSeconds} s") });
                return next + 1;
            }
        }
    }

    // The processor's time counts, so that a busy machine makes nothing slow; who waits for nothing uses none, and is given the twelvefold by the clock.
    private static bool Answers(Process child, Task<string?> line, TimeSpan limit)
    {
        var (start, clock) = (child.TotalProcessorTime, Stopwatch.StartNew());
        while (!line.Wait(TimeSpan.FromMilliseconds(100)))
        {
            if (child.HasExited) continue; // what it said last is on its way
            child.Refresh();
            if (child.TotalProcessorTime - start > limit || clock.Elapsed > 12 * limit) return false;
        }
        return true;
    }

    private static ProcessStartInfo Start(Reader reader, int from, int count)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--child", reader.Name, $"{from}", $"{count}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x40000000";
        start.Environment["DOTNET_GCgen0size"] = "0x800000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return start;
    }

    private static string Keep(Reader reader, int index)
    {
        Directory.CreateDirectory(Inputs);
        var path = Path.Combine(Inputs, string.Concat($"{reader.Name}-{index}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_')));
        File.WriteAllBytes(path, reader.Mutant(index));
        return path;
    }
}
