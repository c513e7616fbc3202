using System.Runtime.CompilerServices;
using MLNet.Dpo.Conformance;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Golden data of the repository, in <c>tests/fixtures</c>.</summary>
internal static class Fixtures
{
    public static string TinyChatml => PathTo("tokenizers/tiny-chatml");

    public static string PathTo(string name) => Path.Combine(Root(), name);

    /// <summary>Fails with the first difference, unless every case passed.</summary>
    public static void AssertAllPass(CaseReport report)
    {
        Assert.True(report.Failed == 0, $"{report.Name}: {report.Failed} failed, {report.Note}");
        Assert.True(report.Passed > 0, $"{report.Name}: nothing was checked, {report.Note}");
    }

    private static string Root([CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "fixtures"));
}
