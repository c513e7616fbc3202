using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Fills row objects from the columns of a view.</summary>
internal sealed class RowWriter<TRow>
    where TRow : class
{
    private readonly List<(RowMember Member, DataViewSchema.Column Column)> _columns = [];

    public RowWriter(IExceptionContext env, DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition)
    {
        foreach (var bound in RowColumn.Bind(typeof(TRow), definition, SchemaDefinition.Direction.Write))
        {
            if (schema.GetColumnOrNull(bound.Name) is not { } column)
            {
                if (ignoreMissingColumns)
                    continue;
                throw env.ExceptSchemaMismatch("Schema", "", bound.Name);
            }
            env.Check(bound.Member.IsVector == column.Type is VectorDataViewType && bound.Member.ItemType == column.Type.GetItemType().RawType,
                $"Can't bind the IDataView column '{bound.Name}' of type '{column.Type}' to field or property '{bound.Member.Name}' of type '{bound.Member.MemberType.FullName}'.");
            _columns.Add((bound.Member, column));
        }
    }

    /// <summary>The columns that are needed.</summary>
    public IEnumerable<DataViewSchema.Column> Columns => _columns.Select(c => c.Column);

    /// <summary>What fills an object from the row's present values.</summary>
    public Action<TRow> Bind(DataViewRow input)
    {
        var setters = _columns.Select(c => MemberSetters.Create<TRow>(c.Member, input, c.Column)).ToArray();
        return row =>
        {
            foreach (var set in setters)
                set(row);
        };
    }
}
