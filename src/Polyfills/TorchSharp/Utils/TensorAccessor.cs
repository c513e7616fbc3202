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

    public T this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var value = ((T*)_data)[index];
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
        for (var i = 0L; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
