using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A view kept in memory, column by column, as columns are asked for.</summary>
internal sealed class CacheDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly IColumn[] _columns;
    private readonly object _lock = new();
    private int? _count;

    public CacheDataView(IHostEnvironment env, IDataView source, IEnumerable<DataViewSchema.Column> prefetch)
    {
        _host = env.Register("Cache");
        _source = source;
        _columns = new IColumn[source.Schema.Count];
        var wanted = prefetch.ToArray();
        if (wanted.Length > 0)
            Ensure(wanted);
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _count ?? _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var needed = columnsNeeded.ToArray();
        Ensure(needed);
        int[] order = null;
        if (rand != null)
        {
            order = Enumerable.Range(0, _count.Value).ToArray();
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = rand.Next(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }
        }
        return new Cursor(this, needed, order);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>Reads the columns that are missing, in one pass.</summary>
    private void Ensure(IReadOnlyList<DataViewSchema.Column> needed)
    {
        lock (_lock)
        {
            var missing = Schema.Where(c => _columns[c.Index] == null && needed.Any(n => n.Index == c.Index)).ToArray();
            if (missing.Length == 0 && _count != null)
                return;
            using var cursor = _source.GetRowCursor(missing);
            var filled = missing.Select(c => CreateColumn(cursor, c)).ToArray();
            var count = 0;
            for (; cursor.MoveNext(); count++)
            {
                foreach (var column in filled)
                    column.Append();
            }
            foreach (var (column, values) in missing.Zip(filled))
                _columns[column.Index] = values;
            _count = count;
        }
    }

    private static IColumn CreateColumn(DataViewRow row, DataViewSchema.Column column)
    {
        var (method, item) = column.Type is VectorDataViewType vector ? (nameof(CreateVectors), vector.ItemType.RawType) : (nameof(CreateScalars), column.Type.RawType);
        return (IColumn)typeof(CacheDataView).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(item).Invoke(null, [row, column]);
    }

    private static Column<T> CreateScalars<T>(DataViewRow row, DataViewSchema.Column column)
    {
        // Text may be a window into a buffer that the source reuses.
        Func<T, T> keep = typeof(T) == typeof(ReadOnlyMemory<char>) ? value => (T)(object)((ReadOnlyMemory<char>)(object)value).ToString().AsMemory() : value => value;
        return new Column<T>(row.GetGetter<T>(column), keep, (T source, ref T dst) => dst = source);
    }

    private static Column<VBuffer<T>> CreateVectors<T>(DataViewRow row, DataViewSchema.Column column)
    {
        VBuffer<T> Copy(VBuffer<T> value)
        {
            VBuffer<T> copy = default;
            value.CopyTo(ref copy);
            return copy;
        }

        return new Column<VBuffer<T>>(row.GetGetter<VBuffer<T>>(column), Copy, (VBuffer<T> source, ref VBuffer<T> dst) => source.CopyTo(ref dst));
    }

    private interface IColumn
    {
        void Append();

        Delegate CreateGetter(Func<int> index);
    }

    private delegate void Copier<T>(T source, ref T destination);

    private sealed class Column<T>(ValueGetter<T> source, Func<T, T> keep, Copier<T> copy) : IColumn
    {
        private readonly List<T> _values = [];
        private T _buffer;

        public void Append()
        {
            source(ref _buffer);
            _values.Add(keep(_buffer));
        }

        public Delegate CreateGetter(Func<int> index) => (ValueGetter<T>)((ref T dst) => copy(_values[index()], ref dst));
    }

    private sealed class Cursor : RootCursorBase
    {
        private readonly CacheDataView _parent;
        private readonly int[] _order;
        private readonly ActiveGetters _getters;

        public Cursor(CacheDataView parent, IEnumerable<DataViewSchema.Column> columnsNeeded, int[] order)
            : base(parent._host)
        {
            _parent = parent;
            _order = order;
            _getters = new ActiveGetters(Ch, parent.Schema, columnsNeeded, column => parent._columns[column.Index].CreateGetter(Index));
        }

        public override DataViewSchema Schema => _parent.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)Index(), 0);

        protected override bool MoveNextCore() => Position + 1 < _parent._count;

        private int Index()
        {
            Ch.Check(IsGood, CursorErrors.NotAtARow);
            return _order == null ? (int)Position : _order[Position];
        }
    }
}
