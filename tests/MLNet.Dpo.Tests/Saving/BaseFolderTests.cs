using MLNet.Dpo.Saving;
using Xunit;

namespace MLNet.Dpo.Tests.Saving;

public class BaseFolderTests
{
    [Theory]
    [InlineData("work/out", "work/models/chat", "../models/chat")]
    [InlineData("work", "work/models/chat", "models/chat")]
    public void Stored_ZipThatSharesAFolder_IsRelativeToTheZip(string zip, string model, string expected)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder[model]);
        Assert.Equal(expected, BaseFolder.Stored(folder[model], folder[zip]));
    }

    [Fact]
    public void Stored_NothingSharedOrNoZipFile_IsTheFullPath()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["chat"]);
        var root = Path.GetPathRoot(folder["chat"])!;
        Assert.Equal(folder["chat"], BaseFolder.Stored(folder["chat"], Path.Combine(root, "elsewhere", "out")));
        Assert.Equal(folder["chat"], BaseFolder.Stored(folder["chat"], null));
    }

    [Fact]
    public void Stored_FolderThatIsNotThere_SaysSo()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DirectoryNotFoundException>(() => BaseFolder.Stored(folder["gone"], null));
        Assert.Contains(folder["gone"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_FolderOfThatNameBesideTheZip_IsFoundByItsWeights()
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, content) in new[] { ("a/chat", "other"), ("b/chat", "mine") })
        {
            Directory.CreateDirectory(folder[name]);
            folder.Write(name + "/model.safetensors", content);
        }
        string? Mine(string place) => File.ReadAllText(Path.Combine(place, "model.safetensors")) == "mine" ? place : null;
        Assert.Equal(folder["b/chat"], BaseFolder.Find(BaseFolder.Base, "/gone/chat", folder["b"], Mine));
        Assert.Equal(folder["b/chat"], BaseFolder.Find(BaseFolder.Base, folder["a/chat"], folder["b"], Mine)); // the first one there has other weights
        var error = Assert.Throws<InvalidDataException>(() => BaseFolder.Find(BaseFolder.Base, "chat", folder["a"], Mine));
        Assert.Contains(folder["a/chat"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Nowhere_ListsWhereItLooked()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DirectoryNotFoundException>(() => BaseFolder.Find(BaseFolder.Base, "../models/chat", folder["out"], place => place));
        Assert.All(
            [folder["models/chat"], Path.GetFullPath("../models/chat"), folder["out/chat"]],
            place => Assert.Contains(place, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/models/chat", "chat")]
    [InlineData("/models/chat/", "chat")]
    [InlineData(@"C:\models\chat", "chat")]
    public void NameOf_PathOfAnySystem_IsItsLastPart(string path, string expected) => Assert.Equal(expected, BaseFolder.NameOf(path));
}
