using System.Runtime.Intrinsics.X86;
using MLNet.Dpo.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Turns a precision option into a number type.</summary>
internal static class PrecisionChoice
{
    private const int FirstCudaMajor = 8; // Ampere; earlier ones emulate it

    /// <summary>The type that a model of so many parameters computes in on a device.</summary>
    internal static ScalarType Resolve(Precision precision, long parameters, Device device) =>
        Resolve(precision, parameters, precision == Precision.Auto && parameters >= CpuThreads.SmallModel && InHardware(device));

    /// <summary>The same where it is known whether the device has bfloat16 in hardware.</summary>
    internal static ScalarType Resolve(Precision precision, long parameters, bool inHardware) => precision switch
    {
        Precision.Float32 => ScalarType.Float32,
        Precision.BFloat16 => ScalarType.BFloat16,
        _ => inHardware && parameters >= CpuThreads.SmallModel ? ScalarType.BFloat16 : ScalarType.Float32,
    };

    /// <summary>The option that asks for a type.</summary>
    internal static Precision Of(ScalarType dtype) => dtype == ScalarType.BFloat16 ? Precision.BFloat16 : Precision.Float32;

    /// <summary>Whether a device computes bfloat16 in hardware: by flags, never by a timing, so that a busy machine does not change a run.</summary>
    internal static bool InHardware(Device device) => device.type == DeviceType.CUDA
        ? CudaDriver.ComputeCapabilityMajor(Math.Max(0, device.index)) >= FirstCudaMajor
        : HasProcessorFlags();

    // .NET names neither flag, so the processor is asked as it is described: CPUID leaf 7. Avx512F says that the system keeps the wide registers too.
    private static bool HasProcessorFlags()
    {
        if (!Avx512F.IsSupported || X86Base.CpuId(0, 0).Eax < 7) return false;
        var avx512Bf16 = (X86Base.CpuId(7, 1).Eax >> 5) & 1;
        var amxBf16 = (X86Base.CpuId(7, 0).Edx >> 22) & 1;
        return (avx512Bf16 | amxBf16) != 0;
    }
}
