namespace MLNet.Dpo.Benchmarks;

/// <summary>What speed depends on, in a line.</summary>
internal static class Machine
{
    private static readonly string[] Flags = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"];

    /// <summary>The processor's name, how many cores there are, and which of the vector extensions that libtorch uses.</summary>
    public static string Describe()
    {
        var lines = File.ReadAllLines("/proc/cpuinfo");
        string Value(string key) => lines.FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";
        var present = Value("flags").Split(' ').ToHashSet();
        return $"{Value("model name")}, {Environment.ProcessorCount} cores, {string.Join(' ', Flags.Select(flag => present.Contains(flag) ? flag : $"no {flag}"))}";
    }
}
