using System.Runtime.InteropServices;

namespace MLNet.Dpo.Native;

/// <summary>What TorchSharp does not tell of a GPU, asked of NVIDIA's driver, which every machine with a working CUDA build of libtorch has.</summary>
internal static class CudaDriver
{
    private const int ComputeCapabilityMajorAttribute = 75;

    /// <summary>The first number of a device's compute capability; 0 where there is no driver, or it does not say.</summary>
    /// <param name="index">The device as this process counts them, from 0.</param>
    internal static unsafe int ComputeCapabilityMajor(int index)
    {
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda" : "libcuda.so.1", out var driver)) return 0;
        if (!NativeLibrary.TryGetExport(driver, "cuInit", out var init) || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var get)) return 0;
        if (!NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out var attribute)) return 0;
        int device, major;
        return ((delegate* unmanaged<uint, int>)init)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)get)(&device, index) == 0
            && ((delegate* unmanaged<int*, int, int, int>)attribute)(&major, ComputeCapabilityMajorAttribute, device) == 0
            ? major
            : 0;
    }
}
