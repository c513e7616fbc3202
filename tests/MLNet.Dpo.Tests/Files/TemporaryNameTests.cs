using MLNet.Dpo.Files;
using Xunit;

namespace MLNet.Dpo.Tests.Files;

public sealed class TemporaryNameTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_LeftoversOfKilledWriters_AreRemovedAndNothingElse(bool ofFolder)
    {
        var id = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(_folder[$".model.{id}.tmp/inner"]);
        _folder.Write($".model.{id[1..]}0.tmp", "a zip killed half way");
        _folder.Write($".model.{id[1..]}0.tmp.lock", "");
        _folder.Write($".model.{id[1..]}1.tmp.lock", "");
        string[] others = [$".model.2.{id}.tmp", $".model.{id}", $"model.{id}.tmp", ".model.tmp"];
        foreach (var other in others) _folder.Write(other, "x");
        Save(ofFolder);
        Assert.Equal(others.Append("model").Order(StringComparer.Ordinal), _folder.Names());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Write_WhileAnotherWritesTheSame_LeavesItsFileAlone(bool ofFolder)
    {
        using (var living = TemporaryName.Beside(_folder["model"]))
        {
            living.Take();
            File.WriteAllText(living.Path, "x");
            Save(ofFolder);
            Assert.True(File.Exists(living.Path));
        }
        Save(ofFolder);
        Assert.Equal(["model"], _folder.Names());
    }

    private void Save(bool ofFolder)
    {
        if (ofFolder) AtomicFolder.Write(_folder["model"], folder => File.WriteAllText(Path.Combine(folder, "a"), "1"));
        else AtomicFile.Write(_folder["model"], stream => stream.WriteByte(1));
    }
}
