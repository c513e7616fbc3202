using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Rows that a cursor has passed already, with the columns that are handed through: a batch is read to its end before its first row is given, in one pass over
/// a source that may never repeat itself.
/// </summary>
internal sealed class KeptRows : DataViewRow
{
    private readonly DataViewRowCursor _input;
    private readonly Dictionary<int, IKeptColumn> _columns;
    private readonly List<long> _positions = [];
    private readonly List<long> _batches = [];
    private readonly List<DataViewRowId> _ids = [];
    private readonly ValueGetter<DataViewRowId> _id;
    private int _current = -1;

    private KeptRows(DataViewRowCursor input, Dictionary<int, IKeptColumn> columns)
    {
        _input = input;
        _columns = columns;
        _id = input.GetIdGetter();
    }

    public override DataViewSchema Schema => _input.Schema;

    public override long Position => _current < 0 ? -1 : _positions[_current];

    public override long Batch => _current < 0 ? 0 : _batches[_current];

    /// <summary>Keeps columns of the rows of a cursor; null where one is of a type of which no copy can be kept (an image, say).</summary>
    internal static KeptRows? Over(DataViewRowCursor input, IEnumerable<DataViewSchema.Column> columns)
    {
        var kept = new Dictionary<int, IKeptColumn>();
        foreach (var column in columns)
        {
            if (KeptColumn.Of(input, column) is not { } values) return null;
            kept[column.Index] = values;
        }
        return new KeptRows(input, kept);
    }

    /// <summary>Forgets all rows.</summary>
    internal void Clear()
    {
        _current = -1;
        _positions.Clear();
        _batches.Clear();
        _ids.Clear();
        foreach (var column in _columns.Values) column.Clear();
    }

    /// <summary>Keeps the row that the cursor is on.</summary>
    internal void Add()
    {
        foreach (var column in _columns.Values) column.Add();
        var id = default(DataViewRowId);
        _id(ref id);
        _ids.Add(id);
        _positions.Add(_input.Position);
        _batches.Add(_input.Batch);
    }

    /// <summary>Goes on to the next row that was kept.</summary>
    internal void Advance() => _current++;

    public override bool IsColumnActive(DataViewSchema.Column column) => _columns.ContainsKey(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        _columns[column.Index] is KeptColumn<TValue> kept
            ? (ref TValue value) => kept.Give(Current, ref value)
            : throw new ArgumentException($"Column {column.Name} is {column.Type}; it cannot be read as {typeof(TValue).Name}.", nameof(column));

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _ids[Current];

    private int Current => _current >= 0 ? _current : throw new InvalidOperationException("The cursor is not on a row; call MoveNext first.");
}
