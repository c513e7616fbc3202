using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class TensorDataTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Tensor_FromArrays_HasTheElementsTypeAndShape()
    {
        var floats = tensor([1f, 2, 3, 4], [2, 2]);
        var longs = tensor(new long[] { 5, 6 });

        Assert.Equal([2, 2], floats.shape);
        Assert.Equal(float32, floats.dtype);
        Assert.Equal(int64, longs.dtype);
        Assert.Equal(float64, tensor([1.0]).dtype);
        Assert.Equal([1f, 2, 3, 4], floats.data<float>().ToArray());
        Assert.Equal([5L, 6], longs.data<long>().ToArray());
    }

    [Fact]
    public void Tensor_FromArray_IsACopy()
    {
        float[] values = [1, 2];
        var copy = tensor(values);
        values[0] = 9;

        Assert.Equal([1f, 2], copy.data<float>().ToArray());
    }

    [Fact]
    public void Tensor_WithDtype_Converts() => Assert.Equal([1L, 2], tensor([1.9f, 2.1f], dtype: int64).data<long>().ToArray());

    [Fact]
    public void Properties_OfAMatrix_DescribeIt()
    {
        var matrix = zeros([2, 3]);

        Assert.Equal(2, matrix.dim());
        Assert.Equal(6, matrix.numel());
        Assert.Equal(6, matrix.NumberOfElements);
        Assert.Equal(4, matrix.ElementSize);
        Assert.Equal(3, matrix.size(1));
        Assert.Equal(3, matrix.size(-1));
        Assert.Equal([3, 1], matrix.stride());
        Assert.Equal(3, matrix.stride(0));
        Assert.True(matrix.is_contiguous());
        Assert.False(matrix.t().is_contiguous());
        Assert.Equal(DeviceType.CPU, matrix.device.type);
    }

    [Fact]
    public void Bytes_AreTheTensorsOwnMemory()
    {
        var values = zeros([2]);
        MemoryMarshal.Cast<byte, float>(values.bytes)[1] = 7;

        Assert.Equal([0f, 7], values.data<float>().ToArray());
    }

    [Fact]
    public void Bytes_Set_FillsATypeThatDotNetLacks()
    {
        var values = empty([2], dtype: bfloat16);
        values.bytes = new byte[] { 0x80, 0x3f, 0x00, 0xc0 }; // 1 and -2

        Assert.Equal([1f, -2], values.to(float32).data<float>().ToArray());
    }

    [Fact]
    public void Bytes_NotContiguous_Throws()
    {
        var turned = zeros([2, 3]).t();

        Assert.Throws<InvalidOperationException>(() => { _ = turned.bytes; });
    }

    [Fact]
    public void Data_OfAnotherType_Throws() => Assert.Throws<ArgumentException>(() => zeros([2]).data<double>());

    [Fact]
    public void Item_OneElement_IsIt()
    {
        Assert.Equal(2.5f, tensor([2.5f]).item<float>());
        Assert.Equal(2.5f, tensor([2.5f], [1, 1]).item<float>());
        Assert.Equal(2.5f, tensor([2.5f]).sum().item<float>());
    }

    [Fact]
    public void Data_Index_TakesOneIndexADimension() => Assert.Equal(3f, tensor([1f, 2, 3, 4], [2, 2]).data<float>()[1, 0]);

    [Fact]
    public void To_DisposeAfter_EndsTheSource()
    {
        var source = tensor([1f]);
        var converted = source.to(float64, disposeAfter: true);

        Assert.True(source.IsInvalid);
        Assert.Equal(1.0, converted.item<double>());
    }

    [Fact]
    public void Item_SeveralElements_Throws() => Assert.Throws<ArgumentException>(() => zeros([2]).item<float>());

    [Fact]
    public void Factories_Fill()
    {
        Assert.Equal([1f, 1], ones([2]).data<float>().ToArray());
        Assert.Equal([3f, 3], full([2], 3f).data<float>().ToArray());
        Assert.Equal([0L, 1, 2], arange(3, dtype: int64).data<long>().ToArray());
        Assert.Equal([2f, 3], arange(2, 4, dtype: float32).data<float>().ToArray());
        Assert.Equal([2, 2], empty_like(zeros([2, 2])).shape);
        Assert.Equal([0f, 0], zeros_like(ones([2])).data<float>().ToArray());
    }

    [Fact]
    public void To_AnotherType_ConvertsAndTheSameSharesMemory()
    {
        var values = tensor([1.5f, -1.5f]);
        var same = values.to(float32);
        same.zero_();

        Assert.Equal([0f, 0], values.data<float>().ToArray());
        Assert.Equal(float64, values.to(float64).dtype);
        Assert.Equal(float64, values.to(float64, CPU).dtype);
        Assert.Equal(float32, values.cpu().dtype);
    }

    [Fact]
    public void To_WithCopy_HasMemoryOfItsOwn()
    {
        var values = tensor([1f]);
        values.to(float32, copy: true).zero_();

        Assert.Equal(1f, values.item<float>());
    }
}
