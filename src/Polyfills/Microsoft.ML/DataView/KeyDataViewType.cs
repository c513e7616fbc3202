using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A categorical value: 1 to <see cref="Count"/> stand for the categories, 0 for a missing one.</summary>
public sealed class KeyDataViewType : PrimitiveDataViewType
{
    /// <summary>A key stored as <paramref name="type"/> with <paramref name="count"/> categories.</summary>
    public KeyDataViewType(Type type, ulong count)
        : base(type)
    {
        Contracts.CheckParam(IsValidDataType(type), nameof(type), "Type is not valid, it must be Byte, UInt16, UInt32, or UInt64.");
        Contracts.CheckParam(count > 0 && count <= MaxCount(type), nameof(count),
            $"The cardinality of a {nameof(KeyDataViewType)} must not exceed {type.Name}.MaxValue and must be strictly positive, but got {count}.");
        Count = count;
    }

    /// <summary>A key stored as <paramref name="type"/> with <paramref name="count"/> categories.</summary>
    public KeyDataViewType(Type type, int count)
        : this(type, (ulong)count)
    {
        Contracts.CheckParam(count > 0, nameof(count), $"The cardinality of a {nameof(KeyDataViewType)} must be strictly positive.");
    }

    /// <summary>The number of categories.</summary>
    public ulong Count { get; }

    /// <summary>Whether keys can be stored as <paramref name="type"/>.</summary>
    public static bool IsValidDataType(Type type) => type == typeof(uint) || type == typeof(ulong) || type == typeof(ushort) || type == typeof(byte);

    /// <inheritdoc/>
    public override bool Equals(DataViewType other) => other is KeyDataViewType key && key.RawType == RawType && key.Count == Count;

    /// <inheritdoc/>
    public override bool Equals(object other) => other is DataViewType type && Equals(type);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(RawType, Count);

    /// <inheritdoc/>
    public override string ToString() => $"Key<{RawType.Name}, 0-{Count - 1}>";

    private static ulong MaxCount(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => byte.MaxValue,
        TypeCode.UInt16 => ushort.MaxValue,
        TypeCode.UInt32 => uint.MaxValue,
        _ => ulong.MaxValue,
    };
}
