using Xunit;

namespace MLNet.Dpo.Package.Tests;

/// <summary>Programs outside the repository that know the packages alone.</summary>
[Collection(WorkspaceCollection.Name)]
public class ProgramTests(Workspace workspace)
{
    [Fact]
    public async Task Project_WithTheReadmesCode_TrainsBesideMicrosoftMLTorchSharpAndASecondProcessAnswers()
    {
        var code = Workspace.CodeOf("src", "MLNet.Dpo", "README.md");
        File.WriteAllText(workspace["Training", "Program.cs"], code.Replace("class ChatPrompt", "Judge.Construct(ml);\n\nclass ChatPrompt"));
        workspace.PutData("Training");
        await CommandLine.Dotnet(workspace["."], "build", "Consumers.slnx", "-c", "Release", "-v", "q");

        var trained = await CommandLine.Dotnet(workspace["Training"], Assembly("Training"));
        Directory.Delete(workspace["Training", "path"], recursive: true); // the zip holds all that the second process needs
        var answered = await CommandLine.Dotnet(workspace["Answering"], Assembly("Answering"), workspace["Training", "style.zip"]);

        var lines = Lines(trained);
        Assert.Equal("TextClassificationTrainer on TorchSharp 0.107.0.0", lines[^1]);
        Assert.NotEmpty(lines[^2]);
        Assert.Equal(lines[^2], Lines(answered)[^1]);
    }

    [Fact]
    public async Task Project_WithTheGuidesSnippetsInOrder_IsOneProgram()
    {
        File.WriteAllText(workspace["Guide", "Program.cs"], string.Join('\n', Workspace.BlocksOf("csharp", "docs", "guide.md")));
        workspace.PutGuideData("Guide");
        await CommandLine.Dotnet(workspace["Guide"], "build", "-c", "Release", "-v", "q");

        var output = await CommandLine.Dotnet(workspace["Guide"], Assembly("Guide"));

        Assert.DoesNotContain("Kind=Error", output);
        Assert.All(["style.zip", "adapter/adapter_config.json", "merged/config.json", "sft-adapter/adapter_config.json", "run/metrics.jsonl", "marked.jsonl", "samples.jsonl"], name => Assert.True(File.Exists(workspace["Guide", name]), name));
    }

    [Fact]
    public async Task FileBasedProgram_WithoutReflectionBasedJsonAndGeneratedCode_TrainsSavesAndAnswers()
    {
        workspace.PutData("FileBased");

        var output = Lines(await CommandLine.Dotnet(workspace["FileBased"], "run", "--artifacts-path", "artifacts", "app.cs"));

        Assert.Equal("json by reflection: False", output[0]);
        Assert.Equal("3 pairs", output[^2]);
        Assert.NotEmpty(output[^1]);
        Assert.All(["style.zip", "adapter/adapter_config.json", "merged/config.json", "run/metrics.jsonl"], name => Assert.True(File.Exists(workspace["FileBased", name]), name));
    }

    [NativeAotFact]
    public async Task NativeAotProgram_OfTheTextHalf_RendersAndTokenizes()
    {
        File.WriteAllText(workspace["NativeAot", "Program.cs"], Workspace.CodeOf("src", "MLNet.Dpo.Text", "README.md"));
        workspace.PutData("NativeAot");

        await CommandLine.Dotnet(workspace["NativeAot"], "publish", "-c", "Release", "-v", "q", "-o", "out", "--use-current-runtime");
        var output = await CommandLine.Run(workspace["NativeAot"], workspace["NativeAot", "out", OperatingSystem.IsWindows() ? "NativeAot.exe" : "NativeAot"]);

        Assert.Equal(["<|im_start|>user", "hi!<|im_end|>", "<|im_start|>assistant", "1 345 266 201 74 75 3 2 201 1 773 501 461 201"], Lines(output));
    }

    private string Assembly(string program) => workspace[program, "bin", "Release", "net10.0", program + ".dll"];

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
