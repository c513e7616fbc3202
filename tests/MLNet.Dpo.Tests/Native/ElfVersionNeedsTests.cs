using MLNet.Dpo.Native;
using Xunit;

namespace MLNet.Dpo.Tests.Native;

public class ElfVersionNeedsTests
{
    [Fact]
    public void MakeWeak_NeededVersion_ChangesItsFlagsOnly()
    {
        var file = SmallElf.Build();

        Assert.True(ElfVersionNeeds.MakeWeak(file, SmallElf.Version));

        var expected = SmallElf.Build();
        expected[SmallElf.Flags] = 2;
        Assert.Equal(expected, file);
    }

    [Fact]
    public void MakeWeak_Twice_ChangesNothingMore()
    {
        var file = SmallElf.Build();
        ElfVersionNeeds.MakeWeak(file, SmallElf.Version);
        var once = file.ToArray();

        Assert.False(ElfVersionNeeds.MakeWeak(file, SmallElf.Version));
        Assert.Equal(once, file);
    }

    [Theory]
    [InlineData("GLIBCXX_3.4.3")] // the beginning of a needed version's name
    [InlineData("GLIBCXX_3.4.33")]
    public void MakeWeak_VersionNotNeeded_LeavesTheFileAlone(string version)
    {
        var file = SmallElf.Build();

        Assert.False(ElfVersionNeeds.MakeWeak(file, version));
        Assert.Equal(SmallElf.Build(), file);
    }

    [Fact]
    public void MakeWeak_SymbolOfTheVersionInUse_Refuses()
    {
        var file = SmallElf.Build(relocated: 2);

        var error = Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(file, SmallElf.Version));

        Assert.Equal($"it uses a symbol of {SmallElf.Version}", error.Message);
        Assert.Equal(SmallElf.Build(relocated: 2), file);
    }

    [Theory]
    [InlineData(4, 1)] // 32-bit words
    [InlineData(5, 2)] // big-endian
    [InlineData(0, 0x4d)] // not ELF
    public void MakeWeak_OtherLayout_Refuses(int at, byte value)
    {
        var file = SmallElf.Build();
        file[at] = value;

        var error = Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(file, SmallElf.Version));

        Assert.Equal("it is not an ELF file with 64-bit little-endian words", error.Message);
    }

    [Fact]
    public void MakeWeak_CutShortAnywhere_RefusesOrFindsNothing()
    {
        var whole = SmallElf.Build();
        for (var length = 0; length < SmallElf.Flags; length++)
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MakeWeak(whole.AsSpan(0, length), SmallElf.Version));
    }

    [Fact]
    public void MakeWeak_AnyByteBroken_RefusesOrWritesTwoBytesAtMost()
    {
        for (var at = 0; at < SmallElf.Build().Length; at++)
        {
            var file = SmallElf.Build();
            file[at] = 0xff;
            var before = file.ToArray();
            try
            {
                ElfVersionNeeds.MakeWeak(file, SmallElf.Version);
            }
            catch (InvalidDataException)
            {
                Assert.Equal(before, file);
            }
            Assert.InRange(file.Where((value, i) => value != before[i]).Count(), 0, 2);
        }
    }
}
