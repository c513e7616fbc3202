using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// A view with a model's columns. Its cursor looks ahead: a second cursor over the input, <c>batchSize</c> rows in front, reads the tokens
/// that the model runs side by side, while the first hands the other columns through.
/// </summary>
internal sealed class CausalLMDataView(CausalLMRowMap map, IDataView input, int batchSize) : IDataView
{
    public DataViewSchema Schema => map.OutputSchema;

    /// <summary>False: two cursors must see the rows in the same order.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(map, input, [.. columnsNeeded], batchSize);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly CausalLMRowMap _map;
        private readonly DataViewRowCursor _rows;
        private readonly DataViewRowCursor? _ahead;
        private readonly Func<TokenizedRow>? _read;
        private readonly bool[] _activeAdded;
        private readonly MappedColumns _columns;
        private readonly int _batchSize;
        private readonly Queue<RowResults> _results = [];
        private RowResults? _current;
        private int _rowsRun;

        internal Cursor(CausalLMRowMap map, IDataView input, IReadOnlyList<DataViewSchema.Column> outputs, int batchSize)
        {
            _map = map;
            _batchSize = batchSize;
            _activeAdded = map.ActiveAdded(outputs);
            _rows = input.GetRowCursor(outputs.Where(c => c.Index < map.InputSchema.Count).Select(c => map.InputSchema[c.Index]));
            if (_activeAdded.Any(a => a))
            {
                _ahead = input.GetRowCursor(map.Sources);
                _read = map.Reader(_ahead);
            }
            _columns = new MappedColumns(map, _rows, outputs, map.Getters(() => _current ?? throw new InvalidOperationException("The cursor is not on a row; call MoveNext first.")));
        }

        public override DataViewSchema Schema => _map.OutputSchema;

        public override long Position => _rows.Position;

        public override long Batch => _rows.Batch;

        public override bool MoveNext()
        {
            if (!_rows.MoveNext())
            {
                _current = null;
                return false;
            }
            if (_ahead is null) return true;
            if (_results.Count == 0) RunNextBatch(_ahead);
            _current = _results.Dequeue();
            return true;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _rows.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _rows.Dispose();
                _ahead?.Dispose();
            }
            base.Dispose(disposing);
        }

        private void RunNextBatch(DataViewRowCursor ahead)
        {
            var batch = new List<TokenizedRow>(_batchSize);
            while (batch.Count < _batchSize && ahead.MoveNext()) batch.Add(_read!());
            foreach (var result in _map.Run(batch, _activeAdded, _rowsRun)) _results.Enqueue(result);
            _rowsRun += batch.Count;
        }
    }
}
