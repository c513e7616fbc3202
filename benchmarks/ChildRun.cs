using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MLNet.Dpo.Benchmarks;

/// <summary>What one side measured about itself; the last line that a child process prints, as JSON.</summary>
/// <param name="PairsPerSecond">Timed pairs over <paramref name="Seconds"/>.</param>
/// <param name="Seconds">Wall time of the timed training steps; a reference pass that went before is not in it.</param>
/// <param name="ReferenceSeconds">Wall time of the pass over the reference, 0 where the reference ran inside the steps.</param>
/// <param name="PeakMb">VmHWM of the process, MiB.</param>
/// <param name="Loss">Loss of each timed step.</param>
internal sealed record Measurement(double PairsPerSecond, double Seconds, double ReferenceSeconds, double PeakMb, double[] Loss);

/// <summary>Runs one side in a process of its own, so that peak memory is that side's alone.</summary>
internal static class ChildRun
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Print(Measurement measurement) => JsonSerializer.Serialize(measurement, Json);

    public static Measurement Run(string program, int threads, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' could not be started.");
        string? last = null;
        while (process.StandardOutput.ReadLine() is { } line)
            last = line;
        process.WaitForExit();
        if (process.ExitCode != 0 || last is null)
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: its own message is above.");
        return JsonSerializer.Deserialize<Measurement>(last, Json)!;
    }

    /// <summary>The most memory that this process has held, MiB (VmHWM).</summary>
    public static double PeakMb()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(6).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture) / 1024;
    }
}
