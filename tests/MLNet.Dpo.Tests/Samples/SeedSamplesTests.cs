using Xunit;

namespace MLNet.Dpo.Tests.Samples;

/// <summary>The programs of samples/FeedbackLoop, samples/RolePlay and samples/Scenarios, run as their users would, with less of everything.</summary>
public sealed class SeedSamplesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FeedbackLoop_TwoRounds_GoesFromTheOnesAdapterToTheNextAndPublishes()
    {
        var output = Run("FeedbackLoop", "--output", _folder["loop"], "--rounds", "2", "--prompts", "16", "--labels", "90", "--held-out", "8", "--samples", "4");

        Assert.Contains("KL to the untuned model", output, StringComparison.Ordinal);
        Assert.Contains("\nround 2 ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["loop/round-1/report.html"]));
        Assert.True(File.Exists(_folder["loop/round-2/adapter/adapter_model.safetensors"]));
    }

    [Fact]
    public void RolePlay_SmallSets_ComparesThreeWays()
    {
        var output = Run("RolePlay", "--output", _folder["role"], "--prompts", "16", "--held-out", "8");

        foreach (var name in (string[])["base ", "base with 4 shots", "tuned, no shots"]) Assert.Contains("\n" + name, output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["role/model.zip"]));
    }

    [Fact]
    public void Scenarios_CodeAndRecommendation_OneIsSaidToBeBeyondTheModel()
    {
        var output = Run("Scenarios", "--only", "code", "recommendation", "--prompts", "10");

        Assert.Contains("cannot be shown", output, StringComparison.Ordinal);
        Assert.Contains("as wished", output, StringComparison.Ordinal);
    }

    private static string Run(string sample, params string[] arguments)
    {
        var (exitCode, output, error) = SampleProgram.Run(sample, arguments);
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        return output;
    }
}
