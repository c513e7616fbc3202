namespace MLNet.Dpo.Conformance;

/// <summary>What came of the cases of one golden folder.</summary>
/// <param name="Name">The folder and the kind of its cases.</param>
/// <param name="Passed">How many cases gave what was expected.</param>
/// <param name="Failed">How many did not.</param>
/// <param name="Skipped">How many ask for something that the product does not support.</param>
/// <param name="LargestError">The largest numerical error; 0 where results must be equal.</param>
/// <param name="Note">The first failure, or why cases were skipped; empty otherwise.</param>
public sealed record CaseReport(string Name, int Passed, int Failed, int Skipped, double LargestError, string Note)
{
    /// <summary>A folder that cannot be checked, because it is damaged or incomplete or the product throws.</summary>
    public static CaseReport Broken(string folder, string why) => new(folder, 0, 1, 0, 0, why);

    /// <summary>A folder whose kind or features are not supported.</summary>
    public static CaseReport NotSupported(string folder, string why) => new(folder, 0, 0, 1, 0, why);
}
