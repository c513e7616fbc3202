using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Makes editors that write a vector into the memory of an earlier one.</summary>
public static class VBufferEditor
{
    /// <summary>An editor of the vector's own length and count.</summary>
    public static VBufferEditor<T> CreateFromBuffer<T>(scoped ref VBuffer<T> destination)
        => Create(ref destination, destination.Length, destination.ExplicitCount);

    /// <summary>An editor of a vector with <paramref name="newLogicalLength"/> items, <paramref name="valuesCount"/> of them explicit (all when null).</summary>
    public static VBufferEditor<T> Create<T>(scoped ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        Contracts.CheckParam(newLogicalLength >= 0, nameof(newLogicalLength), "Must be non-negative.");
        var count = valuesCount ?? newLogicalLength;
        Contracts.CheckParam(0 <= count && count <= newLogicalLength, nameof(valuesCount),
            $"If specified, must be non-negative and no greater than {nameof(newLogicalLength)}.");
        return destination.GetEditor(newLogicalLength, count, maxValuesCapacity ?? Array.MaxLength, keepOldOnResize, requireIndicesOnDense);
    }
}

/// <summary>Writable memory that <see cref="Commit"/> turns into a vector.</summary>
public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    /// <summary>The explicit values to write.</summary>
    public readonly Span<T> Values;

    /// <summary>The indices to write; empty for a dense vector.</summary>
    public readonly Span<int> Indices;

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool indicesOnDense, bool createdNewValues, bool createdNewIndices)
    {
        _length = length;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, count);
        Indices = count < length || indicesOnDense ? indices.AsSpan(0, count) : default;
        CreatedNewValues = createdNewValues;
        CreatedNewIndices = createdNewIndices;
    }

    /// <summary>Whether the values are in new memory.</summary>
    public bool CreatedNewValues { get; }

    /// <summary>Whether the indices are in new memory.</summary>
    public bool CreatedNewIndices { get; }

    /// <summary>The vector as written.</summary>
    public VBuffer<T> Commit() => new(_length, Values.Length, _values, _indices);

    /// <summary>The vector with only the first <paramref name="physicalValuesCount"/> values explicit.</summary>
    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        Contracts.CheckParam(physicalValuesCount <= Values.Length, nameof(physicalValuesCount),
            $"Updating {nameof(physicalValuesCount)} during {nameof(CommitTruncated)} cannot be greater than the value used in {nameof(VBufferEditor.Create)}.");
        return new VBuffer<T>(_length, physicalValuesCount, _values, _indices);
    }
}
