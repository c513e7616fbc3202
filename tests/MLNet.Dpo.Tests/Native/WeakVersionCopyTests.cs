using MLNet.Dpo.Native;
using Xunit;

namespace MLNet.Dpo.Tests.Native;

public sealed class WeakVersionCopyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void Of_NeededVersion_GivesAWeakCopyAndLeavesTheSource()
    {
        var source = Source(SmallElf.Build());

        var copy = Copy(source);

        Assert.Equal(_cache.Path, Path.GetDirectoryName(copy));
        Assert.Equal(SmallElf.Build(), File.ReadAllBytes(source));
        Assert.Equal(Weak(), File.ReadAllBytes(copy));
    }

    [Fact]
    public void Of_Again_UsesTheCopyThatIsThere()
    {
        var source = Source(SmallElf.Build());
        var old = DateTime.UnixEpoch.AddDays(1);
        File.SetLastWriteTimeUtc(Copy(source), old);

        Assert.Equal(old, File.GetLastWriteTimeUtc(Copy(source)));
        Assert.Single(_cache.Names());
    }

    [Theory]
    [InlineData(false)] // half written
    [InlineData(true)] // of the right length
    public void Of_CopyBroken_ReplacesIt(bool sameLength)
    {
        var source = Source(SmallElf.Build());
        var copy = Copy(source);
        File.WriteAllBytes(copy, sameLength ? SmallElf.Build() : Weak()[..100]);

        Assert.Equal(copy, Copy(source));
        Assert.Equal(Weak(), File.ReadAllBytes(copy));
    }

    [Fact]
    public void Of_NoSuchNeed_GivesTheSourceAndWritesNothing()
    {
        var source = Source(SmallElf.Build(second: "GLIBCXX_3.4.31"));

        Assert.Equal(source, Copy(source));
        Assert.Empty(_cache.Names());
    }

    [Fact]
    public void Of_SourceChanged_GivesAnotherCopy()
    {
        var source = Source(SmallElf.Build());
        var first = Copy(source);
        var other = SmallElf.Build();
        other[7] = 1; // a byte that plays no part
        File.WriteAllBytes(source, other);

        Assert.NotEqual(first, Copy(source));
        Assert.Equal(Weak(), File.ReadAllBytes(first));
    }

    [Fact]
    public async Task Of_ManyAtOnce_AllGetTheSameWholeCopy()
    {
        var source = Source(SmallElf.Build());

        var copies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => File.ReadAllBytes(Copy(source)))));

        Assert.All(copies, copy => Assert.Equal(Weak(), copy));
        Assert.Single(_cache.Names());
    }

    [Fact]
    public void Of_NoFolder_SaysWhichFileCannotBeWritten()
    {
        var missing = _cache["missing"];

        var error = Assert.Throws<DirectoryNotFoundException>(() => WeakVersionCopy.Of(Source(SmallElf.Build()), SmallElf.Version, missing));

        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Weak()
    {
        var content = SmallElf.Build();
        ElfVersionNeeds.MakeWeak(content, SmallElf.Version);
        return content;
    }

    private string Source(byte[] content)
    {
        File.WriteAllBytes(_folder["libSmall.so"], content);
        return _folder["libSmall.so"];
    }

    private string Copy(string source) => WeakVersionCopy.Of(source, SmallElf.Version, _cache.Path);
}
