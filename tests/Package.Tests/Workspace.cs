using System.Reflection;
using Xunit;

namespace MLNet.Dpo.Package.Tests;

/// <summary>Tests that share one <see cref="Workspace"/>, one after the other.</summary>
[CollectionDefinition(Name)]
public class WorkspaceCollection : ICollectionFixture<Workspace>
{
    internal const string Name = "workspace";
}

/// <summary>
/// A folder outside the repository with the packages, freshly packed, and the programs that use them. The packages have a version of their own in each
/// run, so that none is ever taken from the machine's package cache; all others are, and come from the machine's usual sources.
/// </summary>
public sealed class Workspace : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlnet-dpo-package-").FullName;

    /// <summary>The packages' version.</summary>
    internal string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    /// <summary>The folder with the packages.</summary>
    internal string Packages => this["packages"];

    /// <summary>The path of a name in the folder.</summary>
    internal string this[params string[] names] => Path.Combine([_root, .. names]);

    /// <summary>The repository's root.</summary>
    internal static string Repository { get; } = Built("RepositoryRoot");

    /// <summary>The chat model that comes with the samples.</summary>
    internal static string Model { get; } = Path.Combine(Repository, "samples", "models", "tiny-chat");

    public async Task InitializeAsync()
    {
        CopyFolder(Path.Combine(Repository, "tests", "Package.Tests", "Programs"), _root);
        File.WriteAllText(this["nuget.config"], """<configuration><packageSources><add key="packed" value="packages" /></packageSources></configuration>""");
        File.WriteAllText(this["Workspace.props"],
            $"<Project><PropertyGroup><LibraryVersion>{Version}</LibraryVersion><LibtorchPackage>{Built("LibtorchPackage")}</LibtorchPackage></PropertyGroup></Project>");
        foreach (var project in new[] { "MLNet.Dpo.Text", "MLNet.Dpo", "MLNet.Dpo.Parquet", "MLNet.Dpo.Extensions.AI" })
            await CommandLine.Dotnet(Path.Combine(Repository, "src", project), "pack", "--no-build", "-c", Built("Configuration"), "-v", "q", "-o", Packages, $"-p:PackageVersion={Version}");
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var package in new[] { "mlnet.dpo", "mlnet.dpo.text", "mlnet.dpo.parquet", "mlnet.dpo.extensions.ai" })
        {
            if (Path.Combine(cache, package, Version) is var folder && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        return Task.CompletedTask;
    }

    /// <summary>Puts the files beside a program that the code in the README names.</summary>
    internal void PutData(string program)
    {
        CopyFolder(Model, this[program, "path", "to", "model"]);
        File.WriteAllLines(this[program, "train.jsonl"],
        [
            """{"prompt": "hi!", "chosen": "Hi there!", "rejected": "Hello! It is so very nice of you to write to me today."}""",
            """{"prompt": "what is the capital of France?", "chosen": "It's Paris.", "rejected": "That is a lovely question, and the answer to it is Paris."}""",
            """{"prompt": "thank you", "chosen": "Any time.", "rejected": "You are most welcome, and do come back whenever you like."}""",
        ]);
    }

    /// <summary>Puts the data of the guide's first section and the model that it names beside a program, as they lie when it runs from the repository's root.</summary>
    internal void PutGuideData(string program)
    {
        CopyFolder(Model, this[program, "samples", "models", "tiny-chat"]);
        File.WriteAllText(this[program, "train.jsonl"], Assert.Single(BlocksOf("json", "docs", "guide.md")));
    }

    /// <summary>The first C# block of a Markdown file in the repository.</summary>
    internal static string CodeOf(params string[] path) => BlocksOf("csharp", path)[0];

    /// <summary>All blocks of a language in a Markdown file in the repository.</summary>
    internal static string[] BlocksOf(string language, params string[] path)
    {
        var text = File.ReadAllText(Path.Combine([Repository, .. path])).ReplaceLineEndings("\n");
        return [.. text.Split($"```{language}\n")[1..].Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)])];
    }

    private static string Built(string key) =>
        typeof(Workspace).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    private static void CopyFolder(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(source)) CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
    }
}
