using System.IO.Compression;
using System.Xml.Linq;
using Xunit;

namespace MLNet.Dpo.Package.Tests;

/// <summary>What the packages say and hold.</summary>
[Collection(WorkspaceCollection.Name)]
public class PackageTests(Workspace workspace)
{
    [Fact]
    public void Dependencies_OfTheLibrary_AreBoundedAndWithoutNatives() => Assert.Equal(
        [$"MLNet.Dpo.Text [{workspace.Version}]", "Microsoft.ML [5.0.1, 5.1.0)", "Microsoft.ML.Tokenizers 2.0.1", "TorchSharp 0.107.0"], Dependencies("MLNet.Dpo"));

    [Fact]
    public void Dependencies_OfTheTextHalf_AreTokenizersAlone() => Assert.Equal(["Microsoft.ML.Tokenizers 2.0.1"], Dependencies("MLNet.Dpo.Text"));

    [Fact]
    public void Dependencies_OfTheServices_AreTheLibraryAndAbstractions() =>
        Assert.Equal([$"MLNet.Dpo [{workspace.Version}]", "Microsoft.Extensions.AI.Abstractions 10.11.0", "Microsoft.Extensions.DependencyInjection.Abstractions 10.0.13", "Microsoft.Extensions.Logging.Abstractions 10.0.13"], Dependencies("MLNet.Dpo.Extensions.AI"));

    [Fact]
    public void Dependencies_OfTheParquetReader_AreTheLibraryAndParquetNet() =>
        Assert.Equal([$"MLNet.Dpo [{workspace.Version}]", "Parquet.Net 6.1.0"], Dependencies("MLNet.Dpo.Parquet"));

    [Theory]
    [InlineData("MLNet.Dpo.Extensions.AI")]
    [InlineData("MLNet.Dpo")]
    [InlineData("MLNet.Dpo.Text")]
    [InlineData("MLNet.Dpo.Parquet")]
    public void Content_OfAPackage_IsWhatAPublisherNeeds(string id)
    {
        Assert.Equal(["README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], Files(id, "nupkg"));
        Assert.Equal([$"lib/net10.0/{id}.pdb"], Files(id, "snupkg"));
        var about = Metadata(id);
        Assert.Equal("MIT", Value(about, "license"));
        Assert.Equal("README.md", Value(about, "readme"));
        Assert.All(["authors", "description", "tags"], key => Assert.NotEmpty(Value(about, key)));
    }

    [Fact]
    public void Readme_OfTheLibrary_ShowsTheCodeOfTheRepositorys() => Assert.Equal(
        Workspace.CodeOf("README.md").Replace("samples/models/tiny-chat", "path/to/model"), Workspace.CodeOf("src", "MLNet.Dpo", "README.md"));

    private string[] Dependencies(string id) =>
        [.. Metadata(id).Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => $"{e.Attribute("id")!.Value} {e.Attribute("version")!.Value}")];

    // Beside the format's own parts.
    private string[] Files(string id, string extension)
    {
        using var zip = ZipFile.OpenRead(PathOf(id, extension));
        return [.. zip.Entries.Select(e => e.FullName).Where(name => name.StartsWith("lib/") || !(name.Contains('/') || name.EndsWith(".xml") || name.EndsWith(".nuspec"))).Order(StringComparer.Ordinal)];
    }

    private XElement Metadata(string id)
    {
        using var zip = ZipFile.OpenRead(PathOf(id, "nupkg"));
        using var stream = zip.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().Single(e => e.Name.LocalName == "metadata");
    }

    private string PathOf(string id, string extension) => Path.Combine(workspace.Packages, $"{id}.{workspace.Version}.{extension}");

    private static string Value(XElement about, string key) => about.Elements().Single(e => e.Name.LocalName == key).Value;
}
