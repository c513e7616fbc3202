using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>From .NET types to column types.</summary>
internal static class ColumnTypeExtensions
{
    private static readonly Dictionary<Type, PrimitiveDataViewType> Primitives = new PrimitiveDataViewType[]
    {
        NumberDataViewType.SByte, NumberDataViewType.Byte, NumberDataViewType.Int16, NumberDataViewType.UInt16,
        NumberDataViewType.Int32, NumberDataViewType.UInt32, NumberDataViewType.Int64, NumberDataViewType.UInt64,
        NumberDataViewType.Single, NumberDataViewType.Double, TextDataViewType.Instance, BooleanDataViewType.Instance,
        RowIdDataViewType.Instance, DateTimeDataViewType.Instance, DateTimeOffsetDataViewType.Instance, TimeSpanDataViewType.Instance,
    }.ToDictionary(type => type.RawType);

    public static bool TryGetPrimitiveType(Type type, out PrimitiveDataViewType primitive)
        => Primitives.TryGetValue(type == typeof(string) ? typeof(ReadOnlyMemory<char>) : type, out primitive);

    public static PrimitiveDataViewType PrimitiveTypeFromType(Type type)
        => TryGetPrimitiveType(type, out var primitive) ? primitive : throw Contracts.ExceptParam(nameof(type), $"Type '{type}' is not a primitive column type.");

    public static DataViewType GetItemType(this DataViewType type) => type is VectorDataViewType vector ? vector.ItemType : type;

    public static ulong GetKeyCount(this DataViewType type) => type.GetItemType() is KeyDataViewType key ? key.Count : 0;
}
