using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests;

public class ReadableFileTests
{
    [Fact]
    public void Named_NoPermission_IsAnIOExceptionThatNamesTheFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a"], "");
        var denied = new UnauthorizedAccessException();
        Assert.Contains($"{folder["a"]} may not be read", Assert.Throws<IOException>(() => ReadableFile.Named<int>(folder["a"], () => throw denied)).Message);
        Assert.Contains($"{folder.Path} is a folder", Assert.Throws<IOException>(() => ReadableFile.ReadAllBytes(folder.Path)).Message);
    }

    [Fact]
    public void Load_TokenizerThatMayNotBeRead_IsAnIOExceptionThatNamesIt()
    {
        // The superuser may read everything.
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
            return;
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["tokenizer.json"], "{}");
        File.SetUnixFileMode(folder["tokenizer.json"], UnixFileMode.None);
        Assert.Contains(folder["tokenizer.json"], Assert.Throws<IOException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message);
    }
}
