using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Objects as rows; each cursor enumerates them anew.</summary>
internal sealed class EnumerableDataView<TRow> : IDataView
    where TRow : class
{
    private readonly IHost _host;
    private readonly IEnumerable<TRow> _data;
    private readonly RowColumn[] _columns;

    public EnumerableDataView(IHostEnvironment env, IEnumerable<TRow> data, SchemaDefinition definition)
    {
        _host = env.Register("StreamingDataView");
        _data = data;
        _columns = RowColumn.Bind(typeof(TRow), definition, SchemaDefinition.Direction.Read);
        Schema = RowColumn.MakeSchema(_columns);
    }

    public bool CanShuffle => false;

    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_data as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) => new Cursor(this, columnsNeeded);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly EnumerableDataView<TRow> _parent;
        private readonly ActiveGetters _getters;
        private readonly IEnumerator<TRow> _rows;
        private TRow _current;

        public Cursor(EnumerableDataView<TRow> parent, IEnumerable<DataViewSchema.Column> columnsNeeded)
            : base(parent._host)
        {
            _parent = parent;
            _getters = new ActiveGetters(Ch, parent.Schema, columnsNeeded, column => MemberGetters.Create(parent._columns[column.Index], Current));
            _rows = parent._data.GetEnumerator();
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
        {
            Ch.Check(IsGood, CursorErrors.NotAtARow);
            id = new DataViewRowId((ulong)Position, 0);
        };

        protected override bool MoveNextCore()
        {
            if (!_rows.MoveNext())
                return false;
            _current = _rows.Current;
            Ch.Check(_current != null, "Encountered null when iterating over data, this is not supported.");
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _rows.Dispose();
                _current = null;
            }
            base.Dispose(disposing);
        }

        private TRow Current()
        {
            Ch.Check(_current != null, CursorErrors.NotAtARow);
            return _current;
        }
    }
}
