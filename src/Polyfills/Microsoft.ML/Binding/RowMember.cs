using System.Linq.Expressions;
using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A public field or property of a row class.</summary>
internal sealed class RowMember
{
    private readonly MemberInfo _member;

    private RowMember(MemberInfo member)
    {
        _member = member;
        MemberType = member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;
        IsVector = true;
        if (MemberType.IsArray)
            ItemType = MemberType.GetElementType();
        else if (MemberType.IsGenericType && MemberType.GetGenericTypeDefinition() == typeof(VBuffer<>))
            ItemType = MemberType.GetGenericArguments()[0];
        else
            (ItemType, IsVector) = (MemberType, false);
        if (ItemType == typeof(string))
            ItemType = typeof(ReadOnlyMemory<char>);
    }

    public string Name => _member.Name;

    public string ColumnName => _member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? Name;

    public Type MemberType { get; }

    /// <summary>The raw type of the column, or of its items.</summary>
    public Type ItemType { get; }

    public bool IsVector { get; }

    public static IEnumerable<RowMember> FindAll(Type rowType, SchemaDefinition.Direction direction)
    {
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;
        var fields = rowType.GetFields(Public).Where(f => !f.IsLiteral);
        var properties = rowType.GetProperties(Public).Where(p => p.GetIndexParameters().Length == 0
            && ((direction.HasFlag(SchemaDefinition.Direction.Read) && p.GetGetMethod() != null)
                || (direction.HasFlag(SchemaDefinition.Direction.Write) && p.GetSetMethod() != null)));
        return fields.Concat<MemberInfo>(properties)
            .Where(m => m.GetCustomAttribute<NoColumnAttribute>() == null)
            .Select(m => new RowMember(m))
            .Where(m => m.MemberType != typeof(IChannel));
    }

    public static RowMember Find(Type rowType, string name)
    {
        MemberInfo member = rowType.GetField(name);
        member ??= rowType.GetProperty(name);
        Contracts.CheckParam(member != null, "userSchemaDefinition", $"No field or property with name '{name}' found in type '{rowType.FullName}'");
        return new RowMember(member);
    }

    /// <summary>The column type that the member's type and attributes describe.</summary>
    public DataViewType DescribedType()
    {
        Contracts.CheckParam(ColumnTypeExtensions.TryGetPrimitiveType(ItemType, out var itemType), "rawType",
            $"Could not determine an IDataView type and registered custom types for member {Name}");
        if (_member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
        {
            Contracts.CheckParam(KeyDataViewType.IsValidDataType(ItemType), "userType",
                $"Member {Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
            itemType = new KeyDataViewType(ItemType, key.Count);
        }
        var vector = _member.GetCustomAttribute<VectorTypeAttribute>();
        Contracts.CheckParam(vector == null || IsVector, "userType", $"Member {Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
        if (!IsVector)
            return itemType;
        return vector?.Dims is { Length: > 0 } dims ? new VectorDataViewType(itemType, dims) : new VectorDataViewType(itemType);
    }

    public Func<TRow, TValue> Reader<TRow, TValue>()
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        return Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, _member), row).Compile();
    }

    public Action<TRow, TValue> Writer<TRow, TValue>()
    {
        var row = Expression.Parameter(typeof(TRow), "row");
        var value = Expression.Parameter(typeof(TValue), "value");
        return Expression.Lambda<Action<TRow, TValue>>(Expression.Assign(Expression.MakeMemberAccess(row, _member), value), row, value).Compile();
    }

    /// <summary>Whether the member's present value, such as an array to be reused, can be had.</summary>
    public bool CanRead => _member is FieldInfo || ((PropertyInfo)_member).GetGetMethod() != null;
}
