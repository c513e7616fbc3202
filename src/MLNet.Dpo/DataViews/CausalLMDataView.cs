using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// A view with a model's columns. Its cursor passes over the input once: it reads <c>batchSize</c> rows ahead, keeps what it hands through of them, and runs
/// them side by side. Where a column of theirs cannot be kept, rows run one by one.
/// </summary>
internal sealed class CausalLMDataView(CausalLMRowMap map, IDataView input, int batchSize, CancellationToken cancellation) : IDataView
{
    public DataViewSchema Schema => map.OutputSchema;

    /// <summary>False: a row's number in the view seeds its sampling.</summary>
    public bool CanShuffle => false;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(map, input, [.. columnsNeeded], batchSize, cancellation);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly CausalLMRowMap _map;
        private readonly DataViewRowCursor _input;
        private readonly Func<TokenizedRow>? _read; // null where none of the model's columns is wanted
        private readonly KeptRows? _kept;
        private readonly DataViewRow _row; // what columns are handed through of
        private readonly bool[] _activeAdded;
        private readonly MappedColumns _columns;
        private readonly int _batchSize;
        private readonly CancellationToken _cancellation;
        private readonly Queue<RowResults> _results = [];
        private RowResults? _current;
        private ExceptionDispatchInfo? _failure;
        private int _rowsRun;

        internal Cursor(CausalLMRowMap map, IDataView input, IReadOnlyList<DataViewSchema.Column> outputs, int batchSize, CancellationToken cancellation)
        {
            _map = map;
            _cancellation = cancellation;
            _activeAdded = map.ActiveAdded(outputs);
            _input = input.GetRowCursor(map.Dependencies(outputs));
            if (_activeAdded.Any(a => a))
            {
                _read = map.Reader(_input);
                _kept = KeptRows.Over(_input, outputs.Where(c => c.Index < map.InputSchema.Count).Select(c => map.InputSchema[c.Index]));
            }
            _batchSize = _kept is null ? 1 : batchSize;
            _row = _kept ?? (DataViewRow)_input;
            _columns = new MappedColumns(map, _row, outputs, map.Getters(() => _current ?? throw new InvalidOperationException("The cursor is not on a row; call MoveNext first.")));
        }

        public override DataViewSchema Schema => _map.OutputSchema;

        public override long Position => _row.Position;

        public override long Batch => _row.Batch;

        public override bool MoveNext()
        {
            if (_read is null) return _input.MoveNext();
            if (_results.Count == 0) RunNextBatch(_read);
            var moved = _results.TryDequeue(out _current);
            if (moved) _kept?.Advance();
            return moved;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => _row.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _columns.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _columns.Getter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (disposing) _input.Dispose();
            base.Dispose(disposing);
        }

        private void RunNextBatch(Func<TokenizedRow> read)
        {
            _current = null;
            _kept?.Clear();
            var batch = ReadAhead(read);
            if (batch.Count == 0) return;
            foreach (var result in _map.Run(batch, _activeAdded, _rowsRun, _cancellation)) _results.Enqueue(result);
            _rowsRun += batch.Count;
        }

        // A row that cannot be read or run stops the cursor when its turn comes, after the rows before it.
        private List<TokenizedRow> ReadAhead(Func<TokenizedRow> read)
        {
            _failure?.Throw();
            var batch = new List<TokenizedRow>();
            try
            {
                while (batch.Count < _batchSize && _input.MoveNext())
                {
                    _kept?.Add();
                    var row = read();
                    _map.Check(row, _activeAdded, _rowsRun + batch.Count);
                    batch.Add(row);
                }
            }
            catch (Exception e) when (batch.Count > 0)
            {
                _failure = ExceptionDispatchInfo.Capture(e);
            }
            return batch;
        }
    }
}
