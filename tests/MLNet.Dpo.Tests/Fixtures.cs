using MLNet.Dpo.Conformance;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests;

/// <summary>The golden data that lies in the repository, and small things made from it.</summary>
internal static class Fixtures
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

    /// <summary>Loads the random Llama.</summary>
    public static CausalLM LoadLlama() => ModelFolder.Load(Llama, CPU);

    /// <summary>Rows of random tokens with two responses each.</summary>
    public static List<PreferenceExample> Pairs(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(row => new PreferenceExample(row, Tokens(random, 3, 12), [Tokens(random, 2, 9), Tokens(random, 2, 9)], [1, 0]))];
    }

    /// <summary>Random token ids, at least <paramref name="least"/> and fewer than <paramref name="most"/> of them.</summary>
    public static int[] Tokens(Random random, int least, int most) =>
        [.. Enumerable.Range(0, random.Next(least, most)).Select(_ => random.Next(3, 1000))];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MLNet.Dpo.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests must run inside the repository.");
    }
}
