using System.Globalization;

namespace MLNet.Dpo.Fuzz;

/// <summary>Reads mutants one after the other and says a line of each; what kills it is the one after the last line.</summary>
internal static class Child
{
    private const long Allowance = 64L << 20;
    private const long Loose = 16L << 20;

    public static int Run(Reader reader, int from, int count)
    {
        var folder = Readers.NewFolder();
        try
        {
            reader.Prepare(folder);
            // What is made once, and code that is compiled, is not the mutants' memory or time.
            if (Outcome.Of(reader, folder, reader.Original()) is { Fault.Length: > 0 } undamaged) throw new InvalidOperationException(undamaged.ToString());
            Console.WriteLine("ready");
            var settled = Settle();
            for (var i = from; i < from + count; i++)
            {
                var mutant = reader.Mutant(i);
                if (Resident() > settled + Loose) settled = Settle();
                Console.WriteLine(Measured(reader, folder, mutant).ToLine(i, mutant.Length));
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Measure Measured(Reader reader, string folder, byte[] mutant)
    {
        var allowed = Allowance + 4L * mutant.Length;
        var measure = Peak(reader, folder, mutant);
        if (measure.Taken <= allowed) return measure;
        // Something that happens once (a thread, a library that is loaded) may have come in between: once more.
        Settle();
        measure = Peak(reader, folder, mutant);
        return measure.Taken <= allowed || measure.Outcome.Fault.Length > 0 ? measure : measure with { Outcome = measure.Outcome with { Fault = "takes more than 64 MB and four times its size" } };
    }

    private static Measure Peak(Reader reader, string folder, byte[] mutant)
    {
        if (OperatingSystem.IsLinux()) File.WriteAllText("/proc/self/clear_refs", "5"); // the peak is the present again
        var (before, start) = (Resident(), Environment.CpuUsage.TotalTime);
        var outcome = Outcome.Of(reader, folder, mutant);
        return new Measure(outcome, Environment.CpuUsage.TotalTime - start, Math.Max(0, Status("VmHWM:") - before));
    }

    // Room that the heap has kept from mutants before would hide what the next one takes.
    private static long Settle()
    {
        GC.Collect(2, GCCollectionMode.Aggressive);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive);
        return Resident();
    }

    private static long Resident() => Status("VmRSS:");

    private static long Status(string key) => !OperatingSystem.IsLinux() ? 0 : long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim(), CultureInfo.InvariantCulture) << 10;
}

/// <summary>An outcome and what it cost.</summary>
/// <param name="Outcome">What the reader did.</param>
/// <param name="Time">The processor's time that it took.</param>
/// <param name="Taken">Bytes by which the process grew at most.</param>
internal sealed record Measure(Outcome Outcome, TimeSpan Time, long Taken)
{
    /// <summary>A line for the parent.</summary>
    public string ToLine(int index, int size) => string.Create(CultureInfo.InvariantCulture, $"{index}\t{size}\t{Time.TotalMilliseconds:0}\t{Taken}\t{Outcome.Shape.ReplaceLineEnds()}\t{Outcome.Fault.ReplaceLineEnds()}");

    /// <summary>Reads such a line; null for another.</summary>
    public static (int Index, int Size, Measure Measure)? Parse(string line) => line.Split('\t') is [var index, var size, var time, var taken, var shape, var fault]
        ? (Number(index), Number(size), new Measure(new Outcome(shape, fault), TimeSpan.FromMilliseconds(Number(time)), long.Parse(taken, CultureInfo.InvariantCulture)))
        : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
