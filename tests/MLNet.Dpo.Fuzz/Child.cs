namespace MLNet.Dpo.Fuzz;

/// <summary>Reads mutants one after the other and says a line of each; what kills it is the one after the last line.</summary>
internal static class Child
{
    private const long Allowance = 64L << 20;

    public static int Run(Reader reader, int from, int count)
    {
        var folder = Readers.NewFolder();
        try
        {
            reader.Prepare(folder);
            // What is made once, and code that is compiled, is not the mutants' memory or time.
            if (Outcome.Of(reader, folder, reader.Original()) is { Fault.Length: > 0 } undamaged) throw new InvalidOperationException(undamaged.ToString());
            Console.WriteLine("ready");
            for (var i = from; i < from + count; i++)
            {
                var mutant = reader.Mutant(i);
                var outcome = Measured(reader, folder, mutant);
                Console.WriteLine($"{i}\t{mutant.Length}\t{outcome.Shape}\t{outcome.Fault.ReplaceLineEnds()}");
            }
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Outcome Measured(Reader reader, string folder, byte[] mutant)
    {
        var allowed = Allowance + 4L * mutant.Length;
        var (outcome, taken) = Peak(reader, folder, mutant);
        if (taken <= allowed) return outcome;
        // Garbage of the mutants before may have grown the heap: once more, from a clean one.
        GC.Collect(2, GCCollectionMode.Aggressive);
        GC.WaitForPendingFinalizers();
        (outcome, taken) = Peak(reader, folder, mutant);
        return taken <= allowed || outcome.Fault.Length > 0 ? outcome : outcome with { Fault = $"takes more than 64 MB and four times its size ({taken >> 20} MB)" };
    }

    private static (Outcome Outcome, long Taken) Peak(Reader reader, string folder, byte[] mutant)
    {
        if (!OperatingSystem.IsLinux()) return (Outcome.Of(reader, folder, mutant), 0);
        File.WriteAllText("/proc/self/clear_refs", "5"); // the peak is the present again
        var before = Status("VmRSS:");
        var outcome = Outcome.Of(reader, folder, mutant);
        return (outcome, Status("VmHWM:") - before);
    }

    private static long Status(string key) =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Trim()) << 10;
}
