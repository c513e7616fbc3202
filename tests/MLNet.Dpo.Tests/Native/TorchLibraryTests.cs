using MLNet.Dpo.Native;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Native;

public class TorchLibraryTests
{
    [Fact]
    public void Register_OnThisSystem_TorchLoads()
    {
        TorchLibrary.Register(); // a second handler gives the same library

        using var ones = torch.ones(3);

        Assert.Equal(3, ones.shape[0]);
    }

    [Fact]
    public void MakeWeak_TorchSharpsOwnLibrary_ChangesOneByte()
    {
        if (!OperatingSystem.IsLinux())
            return; // the package has no ELF file for other systems
        var original = File.ReadAllBytes(Assert.IsType<string>(TorchLibrary.Find("libLibTorchSharp.so")));
        var weak = original.ToArray();

        var needed = ElfVersionNeeds.MakeWeak(weak, "GLIBCXX_3.4.32");

        Assert.Equal(needed ? 1 : 0, original.Where((value, i) => value != weak[i]).Count());
    }
}
