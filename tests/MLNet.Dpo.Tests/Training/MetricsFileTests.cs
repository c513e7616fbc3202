using System.Text.Json.Nodes;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>Whatever became of the metrics, the run goes on.</summary>
public sealed class MetricsFileTests : IDisposable
{
    private const string Whole = "{\"loss\":1,\"step\":1}\n{\"loss\":2,\"step\":2}\n";
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notes = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"loss\":3,\"st")]
    [InlineData("\0\0\0\0\0\0")]
    [InlineData("{\"loss\":3,\"step\":3}\0\0\0")]
    [InlineData("5")]
    [InlineData("[1]")]
    [InlineData("{\"loss\":3}\n")]
    [InlineData("{\"step\":\"x\"}\n")]
    [InlineData("{\"step\":1,\"step\":1}\n")]
    public void Begin_TornTail_CutsItAndSaysSo(string tail)
    {
        var path = _folder.Write(MetricsFile.Name, Whole + tail);
        Begin(path, 2).Add(new JsonObject { ["step"] = 3 });
        Assert.Equal(Whole + "{\"step\":3}\n", File.ReadAllText(path));
        Assert.Contains("1 torn line was cut", Assert.Single(_notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_LaterSteps_AreCutWithoutAWord()
    {
        var path = _folder.Write(MetricsFile.Name, Whole);
        Begin(path, 1);
        Assert.Equal("{\"loss\":1,\"step\":1}\n", File.ReadAllText(path));
        Assert.Empty(_notes);
    }

    [Fact]
    public void Begin_FreshRun_StartsAnew()
    {
        var path = _folder.Write(MetricsFile.Name, Whole + "{");
        Begin(path, 0);
        Assert.Equal("", File.ReadAllText(path));
        Assert.Empty(_notes);
    }

    [Fact]
    public void Add_CannotBeWritten_IsSaidOnce()
    {
        var file = Begin(Directory.CreateDirectory(_folder[MetricsFile.Name]).FullName, 1);
        file.Add(new JsonObject { ["step"] = 2 });
        Assert.Contains("the training goes on", Assert.Single(_notes), StringComparison.Ordinal);
    }

    private MetricsFile Begin(string path, int stepsDone)
    {
        var file = new MetricsFile(path, _notes.Add);
        file.Begin(stepsDone);
        return file;
    }
}
