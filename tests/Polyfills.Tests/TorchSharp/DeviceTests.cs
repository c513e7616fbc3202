using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1)]
    [InlineData("cuda:1", DeviceType.CUDA, 1)]
    public void Device_FromText_HasTypeAndIndex(string text, DeviceType type, int index)
    {
        var device = new Device(text);

        Assert.Equal(type, device.type);
        Assert.Equal(index, device.index);
        Assert.Equal(text, device.ToString());
    }

    [Fact]
    public void CudaIsAvailable_AgreesWithTheDeviceCount() => Assert.Equal(cuda.device_count() > 0, cuda.is_available());

    [Fact]
    public void SetNumThreads_IsReadBack()
    {
        var before = get_num_threads();
        try
        {
            set_num_threads(2);
            Assert.Equal(2, get_num_threads());
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
