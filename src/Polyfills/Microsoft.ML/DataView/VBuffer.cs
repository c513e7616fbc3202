using System.Collections;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A vector of <see cref="Length"/> items, dense, or sparse with sorted indices. Its arrays may be reused by the next reading.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    /// <summary>The number of items.</summary>
    public readonly int Length;

    /// <summary>A dense vector.</summary>
    public VBuffer(int length, T[] values, int[] indices = null)
    {
        Contracts.CheckParam(length >= 0, nameof(length));
        Contracts.CheckParam((values?.Length ?? 0) >= length, nameof(values));
        Length = length;
        _count = length;
        _values = values;
        _indices = indices;
    }

    /// <summary>A vector with <paramref name="count"/> explicit values.</summary>
    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Contracts.CheckParam(length >= 0, nameof(length));
        Contracts.CheckParam(0 <= count && count <= length, nameof(count));
        Contracts.CheckParam((values?.Length ?? 0) >= count, nameof(values));
        Contracts.CheckParam(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    /// <summary>Whether every item is explicit.</summary>
    public bool IsDense => _count == Length;

    /// <summary>The explicit values.</summary>
    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    /// <summary>The positions of the explicit values; empty when dense.</summary>
    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    /// <summary>Copies into a dense vector, reusing its memory.</summary>
    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    /// <summary>Copies, reusing the destination's memory.</summary>
    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    /// <summary>Copies a part, reusing the destination's memory.</summary>
    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Contracts.CheckParam(0 <= sourceIndex && sourceIndex <= Length, nameof(sourceIndex));
        Contracts.CheckParam(0 <= length && sourceIndex <= Length - length, nameof(length));
        var first = IsDense ? sourceIndex : LowerBound(sourceIndex);
        var count = IsDense ? length : LowerBound(sourceIndex + length) - first;
        var editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (var i = 0; count < length && i < count; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    /// <summary>Writes all items.</summary>
    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    /// <summary>Writes all items from a position on, with <paramref name="defaultValue"/> for those that are not explicit.</summary>
    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Contracts.CheckParam(0 <= destinationIndex && destinationIndex <= destination.Length - Length, nameof(destination), "Not large enough to hold these values.");
        var target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        target.Fill(defaultValue);
        for (var i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    /// <summary>Copies a part of an array into a dense vector, reusing its memory.</summary>
    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        Contracts.CheckParam(0 <= length && length <= (source?.Length ?? 0), nameof(length));
        Contracts.CheckParam(0 <= sourceIndex && sourceIndex <= (source?.Length ?? 0) - length, nameof(sourceIndex));
        var editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    /// <summary>Positions and values: the explicit ones, or <paramref name="all"/> of them.</summary>
    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (!all && !IsDense)
            return SparseItems(_values, _indices, _count);
        return DenseValues().Select((value, index) => KeyValuePair.Create(index, value));
    }

    /// <summary>All items in order.</summary>
    public IEnumerable<T> DenseValues() => DenseValues(_values, IsDense ? null : _indices, Length, _count);

    /// <summary>Reads one item.</summary>
    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    /// <summary>One item; the type's default when it is not explicit.</summary>
    public T GetItemOrDefault(int index)
    {
        Contracts.CheckParam(0 <= index && index < Length, nameof(index));
        if (IsDense)
            return _values[index];
        var found = LowerBound(index);
        return found < _count && _indices[found] == index ? _values[found] : default;
    }

    /// <inheritdoc/>
    public override string ToString()
        => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    /// <summary>Enumerates the array behind the vector, which may be longer than the vector.</summary>
    public IEnumerator GetEnumerator() => _values.GetEnumerator();

    internal VBufferEditor<T> GetEditor(int length, int count, int maxCapacity, bool keepOld, bool indicesOnDense)
    {
        var values = EnsureSize(_values, count, maxCapacity, keepOld, out var newValues);
        var newIndices = false;
        var indices = count < length || indicesOnDense ? EnsureSize(_indices, count, maxCapacity, keepOld, out newIndices) : _indices;
        return new VBufferEditor<T>(length, count, values, indices, indicesOnDense, newValues, newIndices);
    }

    internal int ExplicitCount => _count;

    private static TItem[] EnsureSize<TItem>(TItem[] array, int min, int max, bool keepOld, out bool created)
    {
        created = (array?.Length ?? 0) < min;
        if (!created)
            return array;
        var grown = new TItem[Math.Max(min, (int)Math.Min(max, (array?.Length ?? 0) * 3L / 2))];
        if (keepOld)
            array?.CopyTo(grown, 0);
        return grown;
    }

    private int LowerBound(int index)
    {
        var found = _indices.AsSpan(0, _count).BinarySearch(index);
        return found < 0 ? ~found : found;
    }

    private static IEnumerable<KeyValuePair<int, T>> SparseItems(T[] values, int[] indices, int count)
    {
        for (var i = 0; i < count; i++)
            yield return KeyValuePair.Create(indices[i], values[i]);
    }

    private static IEnumerable<T> DenseValues(T[] values, int[] indices, int length, int count)
    {
        var next = 0;
        for (var i = 0; i < length; i++)
        {
            if (indices == null)
                yield return values[i];
            else if (next < count && indices[next] == i)
                yield return values[next++];
            else
                yield return default;
        }
    }
}
