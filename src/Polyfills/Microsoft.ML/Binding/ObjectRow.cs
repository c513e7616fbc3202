using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One object as a row, replaced by the next.</summary>
internal sealed class ObjectRow<TRow> : DataViewRow
    where TRow : class
{
    private readonly IHost _host;
    private readonly ActiveGetters _getters;
    private TRow _current;
    private long _position = -1;

    public ObjectRow(IHostEnvironment env, SchemaDefinition definition)
    {
        _host = env.Register("Row");
        var columns = RowColumn.Bind(typeof(TRow), definition, SchemaDefinition.Direction.Read);
        Schema = RowColumn.MakeSchema(columns);
        _getters = new ActiveGetters(_host, Schema, Schema, column => MemberGetters.Create(columns[column.Index], Current));
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public void Set(TRow row)
    {
        _host.CheckValue(row, nameof(row));
        _current = row;
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    private TRow Current()
    {
        _host.Check(_position >= 0, CursorErrors.NotAtARow);
        return _current;
    }
}
