using Microsoft.ML;
using Microsoft.ML.Runtime;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class MLContextTests
{
    [Fact]
    public void Log_ChannelMessages_ArriveWithKindAndSource()
    {
        var ml = new MLContext(seed: 1);
        var messages = new List<LoggingEventArgs>();
        ml.Log += (_, e) => messages.Add(e);
        using (var channel = ((IHostEnvironment)ml).Register("Trainer").Start("Training"))
        {
            channel.Info(MessageSensitivity.None, "step {0}", 7);
            channel.Warning(MessageSensitivity.None, "careful");
            channel.Trace(MessageSensitivity.None, "detail");
            channel.Error(MessageSensitivity.None, "bad");
        }

        var own = messages.Where(m => !m.RawMessage.StartsWith("Channel ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(["step 7", "careful", "detail", "bad"], own.Select(m => m.RawMessage));
        Assert.Equal([ChannelMessageKind.Info, ChannelMessageKind.Warning, ChannelMessageKind.Trace, ChannelMessageKind.Error], own.Select(m => m.Kind));
        Assert.All(own, m => Assert.Equal("Trainer; Training", m.Source));
        Assert.Equal("[Source=Trainer; Training, Kind=Info] step 7", own[0].Message);
    }

    [Fact]
    public void Log_Channel_TellsThatItStartsAndEnds()
    {
        var ml = new MLContext();
        var messages = new List<string>();
        ml.Log += (_, e) => messages.Add(e.RawMessage);
        using (((IHostEnvironment)ml).Start("Work"))
        {
        }

        Assert.Equal("Channel started", messages[0]);
        Assert.StartsWith("Channel finished. Elapsed ", messages[1], StringComparison.Ordinal);
        Assert.Equal("Channel disposed", messages[2]);
    }

    [Fact]
    public void Log_NoListener_IsFine()
    {
        using var channel = ((IHostEnvironment)new MLContext()).Start("Work");
        channel.Info(MessageSensitivity.None, "text with {braces}");
    }

    [Fact]
    public void Rand_SameSeed_SameNumbers()
    {
        int[] Numbers(int? seed)
        {
            IHostEnvironment env = new MLContext(seed);
            var (first, second) = (env.Register("A").Rand, env.Register("B").Rand);
            return [first.Next(), second.Next(1000), second.Next(-5, 5), (int)(first.NextDouble() * 1e9)];
        }

        Assert.Equal(Numbers(7), Numbers(7));
        Assert.NotEqual(Numbers(7), Numbers(8));
        Assert.Equal([895905349, 239, 0, 91144574], Numbers(7));
    }

    /// <summary>A name has the grandparent's in front of it, not the parent's.</summary>
    [Fact]
    public void Register_HostsOfHosts_NameTheirLine()
    {
        var ml = new MLContext();
        var sources = new List<string>();
        ml.Log += (_, e) => sources.Add(e.Source);
        IHost host = ((IHostEnvironment)ml).Register("A");
        foreach (var name in new[] { "B", "C" })
        {
            host = host.Register(name);
            host.Start("Work").Dispose();
        }

        Assert.Equal(["B; Work", "A; C; Work"], sources.Distinct());
        Assert.Throws<ArgumentOutOfRangeException>(() => host.Register(""));
    }

    [Fact]
    public void Settings_ReachTheHosts()
    {
        var ml = new MLContext { GpuDeviceId = 1, FallbackToCpu = true };

        Assert.Equal(1, ml.GpuDeviceId);
        Assert.True(ml.FallbackToCpu);
        Assert.Null(new MLContext().GpuDeviceId);
        Assert.Equal(Path.GetTempPath(), new MLContext().TempFilePath);
    }

    [Fact]
    public void Options_AreKeptByNameAndType()
    {
        var ml = new MLContext();

        Assert.True(ml.TryAddOption("A", 1));
        Assert.False(ml.TryAddOption("A", 2));
        Assert.True(ml.TryGetOption<int>("A", out var value));
        Assert.Equal(1, value);
        Assert.False(ml.TryGetOption<string>("A", out _));
        Assert.Equal(0, ml.GetOptionOrDefault<int>("B"));
        Assert.True(ml.RemoveOption("A"));
        Assert.False(ml.RemoveOption("A"));
    }

    [Fact]
    public void Progress_CanBeReported()
    {
        IHostEnvironment env = new MLContext();
        using var progress = env.StartProgressChannel("Training");
        progress.SetHeader(new ProgressHeader(["Loss"], ["steps"]), e => e.SetProgress(0, 1, 10));
        progress.Checkpoint(0.5, 1);
    }

    [Fact]
    public void ComponentCatalog_RegisterAssembly_TwiceIsFine()
    {
        var ml = new MLContext();
        ml.ComponentCatalog.RegisterAssembly(typeof(MLContextTests).Assembly);
        ml.ComponentCatalog.RegisterAssembly(typeof(MLContextTests).Assembly);
    }
}
