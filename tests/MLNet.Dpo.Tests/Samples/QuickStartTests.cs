using Xunit;

namespace MLNet.Dpo.Tests.Samples;

/// <summary>The program of samples/QuickStart, run as its user would.</summary>
public sealed class QuickStartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Data_OwnFileAndModel_TrainsSavesAndGeneratesForPromptsThatFit()
    {
        var endless = string.Concat(Enumerable.Repeat("word ", 3000)); // far beyond the model's context, in training and validation
        var rows = Enumerable.Range(0, 60).Select(i =>
            $$"""{"prompt": "{{(i % 2 == 0 ? endless : "")}}question {{i}}", "chosen": "yes {{i}}", "rejected": "no, not at all {{i}}"}""");
        _folder.Write("pairs.jsonl", string.Join('\n', rows));

        var (exitCode, output, error) = Run("--data", _folder["pairs.jsonl"], "--model", TinyChat, "--output", _folder["out"], "--epochs", "1");

        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Contains("question ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder["out/model.zip"]));
    }

    [Fact]
    public void Data_MissingFile_IsOneLine()
    {
        var (exitCode, _, error) = Run("--data", _folder["none.jsonl"], "--model", TinyChat, "--output", _folder["out"]);
        Assert.Equal(1, exitCode);
        Assert.Equal($"error: '{_folder["none.jsonl"]}' does not exist; expected a file of preference data", error);
    }

    [Theory]
    [InlineData("--turned")]
    [InlineData("--held-out=7")]
    public void Data_WithAnOptionOfTheDemo_IsOneLine(string option)
    {
        var (exitCode, _, error) = Run("--data", _folder["pairs.jsonl"], "--model", TinyChat, option);
        Assert.Equal(1, exitCode);
        Assert.Equal($"error: {option.Split('=')[0]} is for the demo on TinyChat and cannot stand with --data; leave one of them out.", error);
    }

    private static string TinyChat => Path.Combine(Fixtures.Root, "samples", "models", "tiny-chat");

    private static (int ExitCode, string Output, string Error) Run(params string[] arguments) => SampleProgram.Run("QuickStart", arguments);
}
