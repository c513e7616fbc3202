using MLNet.Dpo.Conformance;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>The golden data that lies in the repository.</summary>
internal static partial class Fixtures
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path under tests/fixtures.</summary>
    public static string PathTo(params string[] parts) => Path.Combine([Root, "tests", "fixtures", .. parts]);

    /// <summary>Fails with the first difference, unless every case passed.</summary>
    public static void AssertAllPass(CaseReport report)
    {
        Assert.True(report.Failed == 0, $"{report.Name}: {report.Failed} failed, {report.Note}");
        Assert.True(report.Passed > 0, $"{report.Name}: nothing was checked, {report.Note}");
    }

    /// <summary>The random Llama of the golden models (205,120 parameters).</summary>
    public static string Llama => PathTo("models", "llama");

    /// <summary>Its tokenizer, with a ChatML template.</summary>
    public static string TinyChatml => PathTo("tokenizers", "tiny-chatml");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MLNet.Dpo.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests must run inside the repository.");
    }
}
