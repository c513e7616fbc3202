using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>A row with added columns: the input's columns are handed through.</summary>
internal sealed class MappedRow(RowMap map, DataViewRow input, IEnumerable<DataViewSchema.Column> outputs) : DataViewRow
{
    private readonly MappedColumns _columns = new(map, input, [.. outputs]);

    public override DataViewSchema Schema => map.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing) input.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>The columns of a row or cursor with added columns.</summary>
internal sealed class MappedColumns
{
    private readonly RowMap _map;
    private readonly DataViewRow _input;
    private readonly Delegate?[] _added;
    private readonly HashSet<int> _active;

    internal MappedColumns(RowMap map, DataViewRow input, IReadOnlyList<DataViewSchema.Column> outputs)
        : this(map, input, outputs, map.CreateGetters(input, map.ActiveAdded(outputs)))
    {
    }

    /// <summary>Columns whose added ones are read elsewhere than in <paramref name="input"/>.</summary>
    internal MappedColumns(RowMap map, DataViewRow input, IReadOnlyList<DataViewSchema.Column> outputs, Delegate?[] added)
    {
        _map = map;
        _input = input;
        _active = [.. outputs.Select(c => c.Index)];
        _added = added;
    }

    internal bool IsActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    internal ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column)) throw new ArgumentException($"Column {column.Name} is not active in this cursor; name it in GetRowCursor.", nameof(column));
        var first = _map.InputSchema.Count;
        if (column.Index < first) return _input.GetGetter<TValue>(_map.InputSchema[column.Index]);
        return _added[column.Index - first] as ValueGetter<TValue>
            ?? throw new ArgumentException($"Column {column.Name} is {column.Type}; it cannot be read as {typeof(TValue).Name}.", nameof(column));
    }
}
