using MLNet.Dpo.Files;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_Twice_IsRefusedUntilTheFirstEnds()
    {
        using (RunFolder.Open(_folder["run"]))
        {
            var error = Assert.Throws<IOException>(() => RunFolder.Open(_folder["run"]));
            Assert.Contains("another run is writing to", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder["run"]));
        using (RunFolder.Open(_folder["run"])) { }
    }

    [Fact]
    public void Open_LockOfAKilledRun_DoesNotBlock()
    {
        _folder.Write(".lock", "");
        using (RunFolder.Open(_folder.Path)) { }
        Assert.Empty(_folder.Names());
    }

    [Fact]
    public void Open_LeftOversOfKilledRuns_AreRemovedAndNothingElse()
    {
        var id = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(_folder[$".checkpoint-4.{id}.tmp/inner"]);
        _folder.Write($".reference_logps.safetensors.{id}.tmp", "x");
        _folder.Write($".metrics.jsonl.{id}.tmp", "x");
        using var living = TemporaryName.Beside(_folder["adapter"]);
        living.Take();
        _folder.Write(Path.GetFileName(living.Path), "still being written");
        string[] others = [Path.GetFileName(living.Path), $"{Path.GetFileName(living.Path)}.lock", ".checkpoint-4.tmp", "checkpoint-4", $"metrics.jsonl.{id}.tmp"];
        foreach (var other in others[2..]) _folder.Write(other, "x");
        using (RunFolder.Open(_folder.Path)) { }
        Assert.Equal(others.Order(StringComparer.Ordinal), _folder.Names());
    }

    [Fact]
    public void Open_CannotBeWritten_SaysSo()
    {
        if (!OperatingSystem.IsLinux()) return;
        Assert.Contains("give a folder that can be written", Assert.Throws<IOException>(() => RunFolder.Open("/proc")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckpointsIn_ManyNames_NewestFirst()
    {
        foreach (var name in new[] { "checkpoint-9", "checkpoint-10", "checkpoint-x", "checkpoint-", ".checkpoint-11", "checkpoint-12.old", "checkpoint-99999999999" }) Directory.CreateDirectory(_folder[name]);
        Assert.Equal([_folder["checkpoint-10"], _folder["checkpoint-9"]], RunFolder.CheckpointsIn(_folder.Path));
        Assert.Empty(RunFolder.CheckpointsIn(_folder["none"]));
    }
}
