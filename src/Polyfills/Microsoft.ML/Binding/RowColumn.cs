using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A column bound to a member of a row class.</summary>
internal sealed record RowColumn(string Name, RowMember Member, DataViewType Type, DataViewSchema.Annotations Annotations)
{
    /// <summary>The columns of a row class; <paramref name="definition"/> may override what the members describe.</summary>
    public static RowColumn[] Bind(Type rowType, SchemaDefinition definition, SchemaDefinition.Direction direction)
        => (definition ?? SchemaDefinition.Create(rowType, direction)).Select(column => Bind(rowType, column)).ToArray();

    /// <summary>The definition of a row class whose columns are those of a schema.</summary>
    public static SchemaDefinition Define<TRow>(IExceptionContext env, DataViewSchema schema)
    {
        var definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (var column in schema)
        {
            var defined = definition.FirstOrDefault(c => c.ColumnName == column.Name) ?? throw env.Except($"Type should contain a member named {column.Name}");
            defined.ColumnType = column.Type;
            defined.AddAnnotations(column.Annotations);
        }
        return definition;
    }

    public static DataViewSchema MakeSchema(IEnumerable<RowColumn> columns)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in columns)
            builder.AddColumn(column.Name, column.Type, column.Annotations);
        return builder.ToSchema();
    }

    private static RowColumn Bind(Type rowType, SchemaDefinition.Column column)
    {
        var member = RowMember.Find(rowType, column.MemberName);
        var name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        var type = column.ColumnType ?? member.DescribedType();
        Contracts.CheckParam(member.IsVector == type is VectorDataViewType, "userSchemaDefinition",
            $"Column '{name}' is supposed to be {(type is VectorDataViewType ? "vector" : "scalar")}, but type of associated field '{column.MemberName}' is {(member.IsVector ? "vector" : "scalar")}");
        Contracts.CheckParam(type.GetItemType().RawType == member.ItemType, "userSchemaDefinition",
            $"Column '{name}' is supposed to have item type {type.GetItemType().RawType}, but associated field has type {member.ItemType}");
        return new RowColumn(name, member, type, column.Annotations);
    }
}
