using System.Diagnostics;
using System.Globalization;

namespace MLNet.Dpo.Fuzz;

/// <summary>Runs a reader's mutants in child processes and gathers the distinct outcomes.</summary>
internal static class Parent
{
    private static readonly TimeSpan MutantLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    /// <summary>Where the smallest input of each faulty outcome lies.</summary>
    public static string Inputs { get; } = Path.Combine(Path.GetTempPath(), "mlnet-dpo-fuzz");

    /// <returns>The number of distinct outcomes that no caller is promised.</returns>
    public static int Run(Reader reader, int count)
    {
        var seen = new Dictionary<(string Shape, string Fault), (int Index, int Size, int Times)>();
        for (var next = 0; next < count;)
            next = RunChild(reader, next, count, (index, size, outcome) =>
            {
                var key = (outcome.Shape, outcome.Fault);
                var known = seen.GetValueOrDefault(key, (index, size, 0));
                seen[key] = size < known.Item2 ? (index, size, known.Item3 + 1) : (known.Item1, known.Item2, known.Item3 + 1);
            });
        Console.WriteLine($"{reader.Name}: {count} mutants, {seen.Count} outcomes");
        foreach (var ((shape, fault), (index, size, times)) in seen.OrderBy(pair => pair.Key.Fault.Length == 0).ThenByDescending(pair => pair.Value.Times))
            Console.WriteLine($"  {(fault.Length == 0 ? "ok   " : "FAULT")} {times,5} x {shape}  smallest: mutant {index}, {size} bytes{(fault.Length == 0 ? "" : $"  {fault}  {Keep(reader, index)}")}");
        return seen.Keys.Count(key => key.Fault.Length > 0);
    }

    /// <returns>The mutant to go on with.</returns>
    private static int RunChild(Reader reader, int next, int count, Action<int, int, Outcome> report)
    {
        using var child = Process.Start(Start(reader, next, count - next))!;
        var errors = child.StandardError.ReadToEndAsync();
        var limit = StartLimit;
        while (true)
        {
            var line = child.StandardOutput.ReadLineAsync();
            var inTime = line.Wait(limit);
            if (inTime && line.Result == "ready")
            {
                limit = MutantLimit;
            }
            else if (inTime && line.Result is { } text && text.Split('\t') is [var index, var size, var shape, var fault])
            {
                next = int.Parse(index, CultureInfo.InvariantCulture) + 1;
                report(next - 1, int.Parse(size, CultureInfo.InvariantCulture), new Outcome(shape, fault));
            }
            else if (!inTime || line.Result is null)
            {
                if (!inTime) child.Kill();
                child.WaitForExit();
                if (limit == StartLimit) throw new InvalidOperationException($"{reader.Name}: the undamaged file is not read: {errors.Result}");
                if (next == count) return next;
                report(next, reader.Mutant(next).Length, inTime ? new Outcome($"exit code {child.ExitCode}", "the process died") : new Outcome("no answer", $"takes more than {limit.TotalSeconds} s"));
                return next + 1;
            }
        }
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
