using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a view in a random order: each is drawn from a pool that is refilled as it is read.</summary>
internal sealed class ShuffleDataView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly int? _seed;
    private readonly int _poolSize;
    private readonly bool _shuffleSource;

    public ShuffleDataView(IHostEnvironment env, IDataView source, int? seed, int poolSize, bool shuffleSource)
    {
        _host = env.Register("RowShuffler");
        _source = source;
        _seed = seed;
        _poolSize = poolSize;
        _shuffleSource = shuffleSource;
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        Random random = SeededRandom.Create(_seed ?? (rand ?? _host.Rand).Next());
        var needed = Schema.Where(c => columnsNeeded.Any(n => n.Index == c.Index)).ToArray();
        var input = _source.GetRowCursor(needed, _shuffleSource ? SeededRandom.Create(random) : null);
        return new Cursor(_host, input, needed, random, _poolSize);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursorBase
    {
        private readonly DataViewRowCursor _input;
        private readonly Random _random;
        private readonly int _poolSize;
        private readonly ActiveGetters _getters;
        private readonly List<IPool> _pools = [];
        private readonly Pool<DataViewRowId> _ids;
        private int _filled;
        private bool _inputDone;
        private int _current = -1;

        public Cursor(IHost host, DataViewRowCursor input, IEnumerable<DataViewSchema.Column> columns, Random random, int poolSize)
            : base(host)
        {
            _input = input;
            _random = random;
            _poolSize = poolSize;
            _getters = new ActiveGetters(Ch, input.Schema, columns, CreateGetter);
            _ids = new Pool<DataViewRowId>(input.GetIdGetter());
            _pools.Add(_ids);
        }

        public override DataViewSchema Schema => _input.Schema;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => _getters.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _getters.Get<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ValueGetter<DataViewRowId>)_ids.CreateGetter(Current);

        protected override bool MoveNextCore()
        {
            if (_current >= 0 && !Refill(_current))
                RemoveCurrent();
            while (!_inputDone && _filled < _poolSize && Refill(_filled))
                _filled++;
            if (_filled == 0)
                return false;
            _current = _random.Next(_filled);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }

        private bool Refill(int slot)
        {
            if (_inputDone || !_input.MoveNext())
            {
                _inputDone = true;
                return false;
            }
            foreach (var pool in _pools)
                pool.Read(slot);
            return true;
        }

        private void RemoveCurrent()
        {
            _filled--;
            foreach (var pool in _pools)
                pool.Swap(_current, _filled);
        }

        private int Current()
        {
            Ch.Check(IsGood, CursorErrors.NotAtARow);
            return _current;
        }

        private Delegate CreateGetter(DataViewSchema.Column column)
            => (Delegate)typeof(Cursor).GetMethod(nameof(CreatePool), BindingFlags.NonPublic | BindingFlags.Instance)!
                .MakeGenericMethod(column.Type.RawType).Invoke(this, [column]);

        private Delegate CreatePool<T>(DataViewSchema.Column column)
        {
            var pool = new Pool<T>(_input.GetGetter<T>(column));
            _pools.Add(pool);
            return pool.CreateGetter(Current);
        }
    }

    private interface IPool
    {
        void Read(int slot);

        void Swap(int a, int b);
    }

    private sealed class Pool<T>(ValueGetter<T> source) : IPool
    {
        private static readonly Func<T, T> Keep = MakeKeep();
        private readonly List<T> _values = [];
        private T _buffer;

        public void Read(int slot)
        {
            source(ref _buffer);
            if (slot == _values.Count)
                _values.Add(Keep(_buffer));
            else
                _values[slot] = Keep(_buffer);
        }

        public void Swap(int a, int b) => (_values[a], _values[b]) = (_values[b], _values[a]);

        public Delegate CreateGetter(Func<int> slot) => (ValueGetter<T>)((ref T dst) => dst = Keep(_values[slot()]));

        /// <summary>Buffers are the caller's, so what is kept must be a copy.</summary>
        private static Func<T, T> MakeKeep()
        {
            if (!typeof(T).IsGenericType || typeof(T).GetGenericTypeDefinition() != typeof(VBuffer<>))
                return value => value;
            return typeof(ShuffleDataView).GetMethod(nameof(CopyVector), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(typeof(T).GetGenericArguments()[0]).CreateDelegate<Func<T, T>>();
        }
    }

    private static VBuffer<T> CopyVector<T>(VBuffer<T> value)
    {
        VBuffer<T> copy = default;
        value.CopyTo(ref copy);
        return copy;
    }
}
