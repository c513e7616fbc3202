namespace MLNet.Dpo.Fuzz;

/// <summary>Readers that do what none may: the program finds nothing where it does not find these.</summary>
internal static class SelfCheck
{
    private const int TooMuch = 100 << 20;

    /// <summary>Each with the fault that must be found.</summary>
    public static IReadOnlyList<(Reader Reader, string Fault)> Readers { get; } =
    [
        (Once("takes memory", () => GC.KeepAlive(Filled())), "takes more than 64 MB and four times its size"),
        (Once("hangs", () => Spin()), "takes more than 5 s"),
        (Once("dies", () => Environment.FailFast("")), "the process died"),
        (Once("throws", () => throw new NullReferenceException()), "undocumented kind"),
    ];

    /// <summary>Runs them.</summary>
    /// <exception cref="InvalidOperationException">A fault is not found.</exception>
    public static void Run()
    {
        foreach (var (reader, fault) in Readers.Where(check => check.Reader.Name != "takes memory" || OperatingSystem.IsLinux()))
        {
            var found = Parent.Outcomes(reader, 1).Seen.Keys.Single().Fault;
            if (!found.StartsWith(fault, StringComparison.Ordinal)) throw new InvalidOperationException($"A reader that {reader.Name} is reported as '{found}'; expected '{fault}'.");
        }
    }

    // The undamaged file, which is read first, does no harm.
    private static Reader Once(string name, Action harm) => new(name, "file", () => [1, 2, 3, 4], folder =>
    {
        if (File.ReadAllBytes(Path.Combine(folder, "file")) is not [1, 2, 3, 4]) harm();
    });

    private static void Spin()
    {
        while (!Environment.HasShutdownStarted) Thread.SpinWait(1000);
    }

    private static byte[] Filled()
    {
        var bytes = new byte[TooMuch];
        bytes.AsSpan().Fill(1);
        return bytes;
    }
}
