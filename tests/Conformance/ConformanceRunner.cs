namespace MLNet.Dpo.Conformance;

/// <summary>Finds the folders of golden data under a root and runs each one's checks.</summary>
public static class ConformanceRunner
{
    private static readonly (Func<string, bool> Matches, Func<string, CaseReport> Run)[] Kinds =
    [
        (AdapterCases.Matches, AdapterCases.Run),
        (ModelCases.Matches, ModelCases.Run),
        (PreferenceCases.Matches, PreferenceCases.Run),
        (LossCases.Matches, LossCases.Run),
        (TrajectoryCases.Matches, TrajectoryCases.Run),
        (TokenizerCases.Matches, TokenizerCases.Run),
        (TemplateCases.Matches, TemplateCases.Run),
        (GradientCases.Matches, GradientCases.Run),
        (GenerationCases.Matches, GenerationCases.Run),
    ];

    /// <summary>The reports of all folders that hold a known kind, in the order of their paths.</summary>
    public static IEnumerable<CaseReport> Run(string root)
    {
        foreach (var folder in Directory.GetDirectories(root, "*", SearchOption.AllDirectories).Prepend(root).Order(StringComparer.Ordinal))
        {
            foreach (var (matches, run) in Kinds)
            {
                if (!matches(folder)) continue;
                yield return Guarded(folder, run);
                break;
            }
        }
    }

    private static CaseReport Guarded(string folder, Func<string, CaseReport> run)
    {
        try
        {
            return run(folder);
        }
        catch (NotSupportedException e)
        {
            return CaseReport.NotSupported(folder, e.Message);
        }
        catch (Exception e)
        {
            return new CaseReport(folder, 0, 1, 0, double.PositiveInfinity, $"{e.GetType().Name}: {e.Message}");
        }
    }
}
