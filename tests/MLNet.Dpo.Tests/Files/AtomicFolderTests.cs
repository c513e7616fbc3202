using MLNet.Dpo.Files;
using Xunit;

namespace MLNet.Dpo.Tests.Files;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_NewAndOld_HoldsTheNewContent()
    {
        AtomicFolder.Write(_folder["model"], folder => Fill(folder, "1"));
        AtomicFolder.Write(_folder["model"] + "/", folder => Fill(folder, "2"));
        Assert.Equal("2", File.ReadAllText(_folder["model/sub/b"]));
        Assert.Equal(["model"], _folder.Names());
    }

    [Fact]
    public void Write_Fails_KeepsTheOldFolder()
    {
        AtomicFolder.Write(_folder["model"], folder => Fill(folder, "1"));
        Assert.Throws<FormatException>(() => AtomicFolder.Write(_folder["model"], folder =>
        {
            Fill(folder, "2");
            throw new FormatException();
        }));
        Assert.Equal("1", File.ReadAllText(_folder["model/sub/b"]));
        Assert.Equal(["model"], _folder.Names());
    }

    [Fact]
    public void Write_OtherFilesInTheOldFolder_AreNotLost()
    {
        Directory.CreateDirectory(_folder["model"]);
        _folder.Write("model/notes.txt", "mine");
        var e = Assert.Throws<IOException>(() => AtomicFolder.Write(_folder["model"], folder => Fill(folder, "1")));
        Assert.Equal($"cannot write '{_folder["model"]}': it holds 'notes.txt', which is not part of what is being saved and would be lost; give a new folder or move that away", e.Message);
        Assert.Equal(["notes.txt"], Directory.GetFiles(_folder["model"]).Select(Path.GetFileName));
        Assert.Equal(["model"], _folder.Names());

        AtomicFolder.Write(_folder["model"], folder => Fill(folder, "1"), replaceOthers: true);

        Assert.False(File.Exists(_folder["model/notes.txt"]));
        Assert.Equal(["model"], _folder.Names());
    }

    [Fact]
    public void Write_ErrorOfAFileInside_NamesTheTarget()
    {
        var e = Assert.Throws<IOException>(() => AtomicFolder.Write(_folder["model"], folder =>
            AtomicFile.Write(Path.Combine(folder, "a"), _ => throw new IOException("No space left on device"))));
        Assert.Equal($"cannot write '{_folder["model/a"]}': No space left on device (nothing was changed)", e.Message);
        Assert.Empty(_folder.Names());
    }

    [Fact]
    public void Write_ParentMissingOrIsAFile_SaysSo()
    {
        var missing = Assert.Throws<DirectoryNotFoundException>(() => AtomicFolder.Write(_folder["none/model"], _ => { }));
        Assert.Equal($"cannot write '{_folder["none/model"]}': the folder '{_folder["none"]}' does not exist; create it first", missing.Message);
        var file = Assert.Throws<IOException>(() => AtomicFolder.Write(_folder.Write("a", ""), _ => { }));
        Assert.Equal($"cannot write '{_folder["a"]}': it is a file; give a folder's name", file.Message);
    }

    private static void Fill(string folder, string text)
    {
        File.WriteAllText(Path.Combine(folder, "a"), text);
        Directory.CreateDirectory(Path.Combine(folder, "sub"));
        File.WriteAllText(Path.Combine(folder, "sub", "b"), text);
    }
}
