namespace MLNet.Dpo.Conformance;

/// <summary>What came of one folder of golden data.</summary>
/// <param name="Name">The folder.</param>
/// <param name="Passed">Cases that agree.</param>
/// <param name="Failed">Cases that do not.</param>
/// <param name="Skipped">Cases that the product does not support yet.</param>
/// <param name="LargestError">Largest difference met, in the kind's own measure.</param>
/// <param name="Note">What failed or was skipped, in a few words.</param>
public sealed record CaseReport(string Name, int Passed, int Failed, int Skipped, double LargestError, string Note)
{
    /// <summary>A folder whose kind or features are not supported yet.</summary>
    public static CaseReport NotSupported(string folder, string why) => new(folder, 0, 0, 1, 0, why);
}
