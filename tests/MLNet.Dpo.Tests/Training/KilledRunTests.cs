using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>What holds between processes, and when one is killed.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const int Kills = 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Start_FolderOfAnotherProcess_IsRefusedUntilThatIsKilled()
    {
        using (var other = new ChildTraining(ChildTraining.Hold, _folder["run"]))
        {
            Assert.Equal(ChildTraining.Hold, other.Next());
            Assert.Contains("another run is writing to", Assert.Throws<IOException>(() => TinyTraining.Train(o => o.OutputDirectory = _folder["run"])).Message, StringComparison.Ordinal);
        }
        TinyTraining.Train(o => (o.OutputDirectory, o.MaxSteps) = (_folder["run"], 1));
    }

    [Fact]
    public void Resume_AfterTwentyKills_EndsWithTheBitsOfARunThatNeverStopped()
    {
        TinyTraining.Train(o => ChildTraining.Settings(o, _folder["whole"]));
        for (var kill = 0; kill < Kills; kill++) KillOnTheWay(kill);
        using (var last = new ChildTraining(ChildTraining.Train, _folder["run"]))
        {
            while (last.Next() is not null) last.GoOn();
            Assert.Equal(0, last.ExitCode());
        }

        Assert.Equal(FilesOf("whole"), FilesOf("run"));
        foreach (var name in FilesOf("whole"))
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder["whole"], name)), File.ReadAllBytes(Path.Combine(_folder["run"], name)));
    }

    // At its beginning, while it takes a step or writes a checkpoint, or while it waits: sooner or later after its first, second or third word.
    private void KillOnTheWay(int kill)
    {
        using var child = new ChildTraining(ChildTraining.Train, _folder["run"]);
        Assert.Equal(ChildTraining.Train, child.Next());
        for (var word = 0; word < kill % 3; word++)
        {
            Assert.NotNull(child.Next());
            child.GoOn();
        }
        if (kill % 4 != 0) Thread.Sleep(kill * 2);
    }

    private string[] FilesOf(string run) =>
        [.. Directory.GetFiles(_folder[run], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder[run], path)).Order(StringComparer.Ordinal)];
}
