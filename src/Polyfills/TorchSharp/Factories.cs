using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Op EmptyOp = new("aten::empty", "memory_format");
    private static readonly Op ZerosOp = new("aten::zeros");
    private static readonly Op OnesOp = new("aten::ones");
    private static readonly Op FullOp = new("aten::full");
    private static readonly Op ArangeOp = new("aten::arange", "start_step");
    private static readonly Op CatOp = new("aten::cat");
    private static readonly Op StackOp = new("aten::stack");

    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(EmptyOp.Call(size, dtype ?? float32, Arg.None, device), requires_grad);

    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(ZerosOp.Call(size, dtype ?? float32, Arg.None, device), requires_grad);

    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(OnesOp.Call(size, dtype ?? float32, Arg.None, device), requires_grad);

    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(FullOp.Call(size, value, dtype, Arg.None, device), requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        WithGrad(ArangeOp.Call(start, stop, 1L, dtype, Arg.None, device), requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, dtype, device, requires_grad);

    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<float>(rawArray, [rawArray.Length], float32, dtype, device, requires_grad);

    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<float>(rawArray, dimensions, float32, dtype, device, requires_grad);

    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<double>(rawArray, [rawArray.Length], float64, dtype, device, requires_grad);

    public static Tensor tensor(double[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<double>(rawArray, dimensions, float64, dtype, device, requires_grad);

    public static Tensor tensor(long[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<long>(rawArray, [rawArray.Length], int64, dtype, device, requires_grad);

    public static Tensor tensor(long[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        FromSpan<long>(rawArray, dimensions, int64, dtype, device, requires_grad);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => CatOp.Call(Arg.List(tensors), dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => StackOp.Call(Arg.List(tensors.ToList()), dim);

    public static Tensor zeros_like(Tensor input) => input.zeros_like();

    public static Tensor empty_like(Tensor input) => input.empty_like();

    private static Tensor FromSpan<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> dimensions, ScalarType type, ScalarType? dtype, Device? device, bool requiresGrad)
        where T : unmanaged
    {
        var result = empty(dimensions.ToArray(), type);
        MemoryMarshal.AsBytes(values).CopyTo(result.bytes);
        if (dtype is { } wanted && wanted != type) result = Replace(result, result.to(wanted));
        if (device is { type: not DeviceType.CPU }) result = Replace(result, result.to(device));
        return WithGrad(result, requiresGrad);
    }

    private static Tensor Replace(Tensor old, Tensor tensor)
    {
        old.Dispose();
        return tensor;
    }

    private static Tensor WithGrad(Tensor tensor, bool requiresGrad) => requiresGrad ? tensor.requires_grad_() : tensor;
}
