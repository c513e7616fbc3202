using MLNet.Dpo.Files;
using Xunit;

namespace MLNet.Dpo.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_NewAndOld_HoldsTheNewContentAlone()
    {
        AtomicFile.Write(_folder["a"], stream => stream.Write("first"u8));
        AtomicFile.Write(_folder["a"], stream => stream.Write("2nd"u8));
        Assert.Equal("2nd", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Names());
    }

    [Fact]
    public void Write_WhileWriting_TheOldFileIsStillThere()
    {
        _folder.Write("a", "old");
        AtomicFile.Write(_folder["a"], stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(_folder["a"]));
        });
        Assert.Equal("new", File.ReadAllText(_folder["a"]));
    }

    [Fact]
    public void Write_Fails_KeepsTheOldFileAndPassesTheExceptionOn()
    {
        _folder.Write("a", "old");
        Assert.Throws<FormatException>(() => AtomicFile.Write(_folder["a"], _ => throw new FormatException()));
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], _folder.Names());
    }

    [Fact]
    public void Write_DiskFull_NamesTheFile()
    {
        _folder.Write("a", "old");
        var e = Assert.Throws<IOException>(() => AtomicFile.Write(_folder["a"], _ => throw new IOException("No space left on device")));
        Assert.Equal($"cannot write '{_folder["a"]}': No space left on device (nothing was changed)", e.Message);
        Assert.Equal("old", File.ReadAllText(_folder["a"]));
    }

    [Fact]
    public void Write_FolderMissingOrIsAFolder_SaysSo()
    {
        var missing = Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(_folder["none/a"], _ => { }));
        Assert.Equal($"cannot write '{_folder["none/a"]}': the folder '{_folder["none"]}' does not exist; create it first", missing.Message);
        var folder = Assert.Throws<IOException>(() => AtomicFile.Write(_folder.Path, _ => { }));
        Assert.Equal($"cannot write '{_folder.Path}': it is a folder; give a file's name", folder.Message);
    }

    [Fact]
    public void Write_OldFileWithOwnMode_KeepsTheMode()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(_folder.Write("a", "old"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.Write(_folder["a"], stream => stream.WriteByte(1));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["a"]));
    }
}
