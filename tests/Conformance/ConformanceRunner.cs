using MLNet.Dpo.Models;

namespace MLNet.Dpo.Conformance;

/// <summary>Finds the folders of golden data under a root and runs each one's checks.</summary>
public static class ConformanceRunner
{
    private static readonly (Func<string, bool> Matches, Func<string, CaseReport> Run)[] Kinds =
    [
        (AdapterCases.Matches, AdapterCases.Run),
        (ModelCases.Matches, ModelCases.Run),
        (GradientCases.Matches, GradientCases.Run),
        (GenerationCases.Matches, GenerationCases.Run),
        (PreferenceCases.Matches, PreferenceCases.Run),
        (LossCases.Matches, LossCases.Run),
        (TrajectoryCases.Matches, TrajectoryCases.Run),
        (TokenizerCases.Matches, TokenizerCases.Run),
        (TemplateCases.Matches, TemplateCases.Run),
    ];

    // Files that only golden folders hold; a folder with one of them that is of no kind lacks another.
    private static readonly string[] GoldenFiles =
        ["expected.json", "expected.safetensors", "args.json", "log.json", "steps.json", "cases.json", "fuzz.json", "decode.json", "stream.json", "masks.json"];

    /// <summary>The reports of all folders that hold a known kind or a part of one, in the order of their paths.</summary>
    public static IEnumerable<CaseReport> Run(string root) =>
        Directory.GetDirectories(root, "*", SearchOption.AllDirectories).Prepend(root).Order(StringComparer.Ordinal).Select(Guarded).OfType<CaseReport>();

    // Null: nothing golden here.
    private static CaseReport? Guarded(string folder)
    {
        using var threads = CpuThreads.Use(1); // golden models are tiny
        try
        {
            foreach (var (matches, run) in Kinds)
            {
                if (matches(folder)) return WithCases(run(folder));
            }
            return WhyIncomplete(folder) is { } why ? CaseReport.Broken(folder, why) : null;
        }
        catch (NotSupportedException e)
        {
            return CaseReport.NotSupported(folder, ErrorLine.First(e.Message));
        }
        catch (Exception e)
        {
            return CaseReport.Broken(folder, ErrorLine.Of(e));
        }
    }

    private static CaseReport WithCases(CaseReport report) =>
        report.Passed + report.Failed + report.Skipped > 0 ? report : CaseReport.Broken(report.Name, "the golden files hold no case");

    private static string? WhyIncomplete(string folder)
    {
        if (!Directory.EnumerateFileSystemEntries(folder).Any()) return "the folder is empty";
        return Array.Find(GoldenFiles, file => File.Exists(Path.Combine(folder, file))) is { } found
            ? $"{found} is here, but not the files that belong to it; get the folder again"
            : null;
    }
}
