using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MLNet.Dpo.Benchmarks;

/// <summary>What one side measured about itself; the last line that a child process prints, as JSON.</summary>
/// <param name="Name">The side and its version.</param>
/// <param name="Seconds">Wall time of the timed training steps, the reference's not among it.</param>
/// <param name="ReferenceSeconds">Wall time of the reference over the same pairs.</param>
/// <param name="PeakMb">VmHWM of the process, MiB.</param>
/// <param name="Loss">Loss of each step, that of the warm-up first.</param>
internal sealed record Measurement(string Name, double Seconds, double ReferenceSeconds, double PeakMb, double[] Loss)
{
    /// <summary>Speed when every pair pays for its reference, as in a first epoch.</summary>
    public double CountedPairsPerSecond() => (Loss.Length - 1) / (ReferenceSeconds + Seconds);

    /// <summary>Speed when the reference's log-probabilities are there already.</summary>
    public double CachedPairsPerSecond() => (Loss.Length - 1) / Seconds;
}

/// <summary>Runs one side in a process of its own, so that peak memory is that side's alone.</summary>
internal static class ChildRun
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Print<T>(T measurement) => JsonSerializer.Serialize(measurement, Json);

    public static T Run<T>(string program, int threads, params string[] arguments)
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
        return JsonSerializer.Deserialize<T>(last, Json)!;
    }

    /// <summary>The most memory that this process has held, MiB (VmHWM).</summary>
    public static double PeakMb()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return double.Parse(line.AsSpan(6).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture) / 1024;
    }
}
