using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads a contiguous CPU tensor's elements in order.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly nint _data;

    internal TensorAccessor(Tensor tensor, nint data) => (_tensor, _data, Count) = (tensor, data, tensor.numel());

    public long Count { get; }

    public T this[params long[] indices]
    {
        get
        {
            var value = ((T*)_data)[Offset(indices)];
            GC.KeepAlive(_tensor);
            return value;
        }
    }

    public T[] ToArray()
    {
        var array = new ReadOnlySpan<T>((void*)_data, checked((int)Count)).ToArray();
        GC.KeepAlive(_tensor);
        return array;
    }

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var value in ToArray()) yield return value;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // A tensor without dimensions has one element, at index 0.
    private long Offset(long[] indices)
    {
        var shape = _tensor.dim() == 0 ? [1] : _tensor.shape;
        ArgumentOutOfRangeException.ThrowIfNotEqual(indices.Length, shape.Length);
        var offset = 0L;
        for (var i = 0; i < shape.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[i]);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[i], shape[i]);
            offset = (offset * shape[i]) + indices[i];
        }
        return offset;
    }
}
