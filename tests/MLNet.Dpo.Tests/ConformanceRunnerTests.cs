using MLNet.Dpo.Conformance;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Golden data that are wrong, damaged or incomplete fail with one line; nothing passes unseen.</summary>
public class ConformanceRunnerTests
{
    [Fact]
    public void Run_EmptyFolder_Fails()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("empty", AssertFails(folder[""]).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_FolderWithoutGoldenData_ReportsNothing()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["notes.md"], "hi");
        Assert.Empty(ConformanceRunner.Run(folder[""]));
    }

    [Theory]
    [InlineData("gradients/llama-lora-b", "grads.json")]
    [InlineData("gradients/llama-lora-b", "grads.safetensors")]
    [InlineData("generation", "sampling.json")]
    [InlineData("generation", "sampling.safetensors")]
    [InlineData("adapters/llama-b", "expected.json")]
    [InlineData("adapters/llama-b", "expected.safetensors")]
    [InlineData("trajectories/sft-completion", "log.json")]
    public void Run_FileMissing_Fails(string kind, string file)
    {
        using var folder = new TemporaryFolder();
        File.Delete(Path.Combine(Copy(kind, folder), file));
        AssertFails(folder[""]);
    }

    [Theory]
    [InlineData("gradients/llama-lora-b", "grads.json")]
    [InlineData("gradients/llama-lora-b", "grads.safetensors")]
    [InlineData("generation", "sampling.json")]
    [InlineData("generation", "sampling.safetensors")]
    [InlineData("losses", "dpo.json")]
    [InlineData("preparation", "dpo.json")]
    [InlineData("tokenizers/tiny-chatml", "tokenizer.json")]
    [InlineData("tokenizers/tiny-chatml", "cases.json")]
    [InlineData("trajectories/sft-completion", "args.json")]
    public void Run_FileCutShort_Fails(string kind, string file)
    {
        using var folder = new TemporaryFolder();
        using (var cut = File.OpenWrite(Path.Combine(Copy(kind, folder), file))) cut.SetLength(200);
        AssertFails(folder[""]);
    }

    [Fact]
    public void Run_BaseMissing_FailsAndNamesIt()
    {
        using var folder = new TemporaryFolder();
        Copy("gradients/llama-full", folder);
        Assert.Contains(Path.Combine("models", "llama"), AssertFails(folder[""]).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OneGoldenGradientChanged_FailsForItAlone()
    {
        using var folder = new TemporaryFolder();
        Copy("models/llama", folder);
        var gradients = Copy("gradients/llama-full", folder);
        var path = Path.Combine(gradients, "grads.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 0x40; // the exponent of the last element of the last tensor
        File.WriteAllBytes(path, bytes);

        var report = AssertFails(gradients);

        Assert.True(report.Passed > 0);
        Assert.Equal(3, report.Failed); // the three ways of packing
    }

    private static CaseReport AssertFails(string root)
    {
        var report = Assert.Single(ConformanceRunner.Run(root));
        Assert.True(report.Failed > 0, report.Note);
        Assert.DoesNotContain('\n', report.Note);
        return report;
    }

    // Copies a golden folder into a folder, at its place.
    private static string Copy(string kind, TemporaryFolder folder)
    {
        var target = folder[kind];
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(Fixtures.PathTo(kind.Split('/')))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }
}
