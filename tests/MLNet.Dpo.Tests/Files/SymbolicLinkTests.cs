using MLNet.Dpo.Files;
using Xunit;

namespace MLNet.Dpo.Tests.Files;

/// <summary>Writing onto a symbolic link writes what it points to.</summary>
public sealed class SymbolicLinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WriteFile_Link_StaysAndItsTargetIsWritten(bool exists)
    {
        if (OperatingSystem.IsWindows()) return; // links take a privilege there
        Directory.CreateDirectory(_folder["disk"]);
        if (exists) _folder.Write("disk/model.zip", "old");
        File.CreateSymbolicLink(_folder["b.zip"], "a.zip");
        File.CreateSymbolicLink(_folder["a.zip"], Path.Combine("disk", "model.zip"));
        AtomicFile.Write(_folder["b.zip"], stream => stream.Write("new"u8));
        Assert.Equal("a.zip", new FileInfo(_folder["b.zip"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["disk/model.zip"]));
        Assert.Equal([_folder["disk/model.zip"]], Directory.GetFiles(_folder["disk"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WriteFolder_Link_StaysAndItsTargetIsWritten(bool exists)
    {
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateDirectory(_folder["disk"]);
        if (exists)
        {
            Directory.CreateDirectory(_folder["disk/adapter"]);
            _folder.Write("disk/adapter/x", "old");
        }
        Directory.CreateSymbolicLink(_folder["adapter"], _folder["disk/adapter"]);
        AtomicFolder.Write(_folder["adapter"] + Path.DirectorySeparatorChar, temporary => File.WriteAllText(Path.Combine(temporary, "x"), "new"));
        Assert.Equal(_folder["disk/adapter"], new DirectoryInfo(_folder["adapter"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder["disk/adapter/x"]));
        Assert.Equal([_folder["disk/adapter"]], Directory.GetFileSystemEntries(_folder["disk"]));
    }

    [Fact]
    public void Write_LinksInACircle_SaysSo()
    {
        if (OperatingSystem.IsWindows()) return;
        File.CreateSymbolicLink(_folder["a"], _folder["b"]);
        File.CreateSymbolicLink(_folder["b"], _folder["a"]);
        Assert.StartsWith($"cannot write '{_folder["a"]}'", Assert.Throws<IOException>(() => AtomicFile.Write(_folder["a"], _ => { })).Message, StringComparison.Ordinal);
    }
}
