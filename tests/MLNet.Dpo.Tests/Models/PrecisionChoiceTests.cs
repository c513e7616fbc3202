using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class PrecisionChoiceTests
{
    [Theory]
    [InlineData(Precision.Auto, 10_000_000, true, ScalarType.BFloat16)]
    [InlineData(Precision.Auto, 9_999_999, true, ScalarType.Float32)]
    [InlineData(Precision.Auto, 10_000_000, false, ScalarType.Float32)]
    [InlineData(Precision.Float32, 10_000_000, true, ScalarType.Float32)]
    [InlineData(Precision.BFloat16, 1, false, ScalarType.BFloat16)]
    public void Resolve_OptionSizeAndHardware_GiveTheType(Precision precision, long parameters, bool inHardware, ScalarType expected) =>
        Assert.Equal(expected, PrecisionChoice.Resolve(precision, parameters, inHardware));

    [Fact]
    public void InHardware_LinuxOnX64_IsWhatTheSystemSaysOfTheFlags()
    {
        if (!OperatingSystem.IsLinux() || System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64) return;
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(flags.Contains("avx512_bf16") || flags.Contains("amx_bf16"), PrecisionChoice.InHardware(CPU));
    }

    [Fact]
    public void InHardware_GpuThatIsNotThere_IsFalse()
    {
        if (cuda.is_available()) return;
        Assert.False(PrecisionChoice.InHardware(new Device("cuda")));
    }

    [Fact]
    public void DtypeOf_SmallFolder_IsFloat32WhateverTheMachine()
    {
        Assert.Equal(ScalarType.Float32, ModelFolder.DtypeOf(Fixtures.Llama, Precision.Auto, CPU));
        Assert.Equal(ScalarType.BFloat16, ModelFolder.DtypeOf(Fixtures.Llama, Precision.BFloat16, CPU));
    }

    [Fact]
    public void Load_NarrowCheckpoint_HoldsItsBytes()
    {
        var folder = Fixtures.PathTo("models", "sharded-bf16-llama");
        using var model = ModelFolder.Load(folder, CPU, ScalarType.BFloat16);
        using var checkpoint = MLNet.Dpo.Files.Safetensors.SafetensorsCheckpoint.Open(folder);
        Assert.All(model.Parameters, parameter =>
        {
            var stored = new byte[parameter.Value.numel() * 2];
            checkpoint.CopyTo(checkpoint.Get(parameter.Key), 0, stored);
            Assert.Equal(stored, parameter.Value.bytes.ToArray());
        });
    }
}
