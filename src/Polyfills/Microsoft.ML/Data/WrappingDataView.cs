using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A view with the columns of another and some of its rows.</summary>
internal abstract class WrappingDataView : IDataView
{
    protected WrappingDataView(IHostEnvironment env, string name, IDataView source)
    {
        Host = env.Register(name);
        Source = source;
    }

    public virtual bool CanShuffle => Source.CanShuffle;

    public DataViewSchema Schema => Source.Schema;

    protected IHost Host { get; }

    protected IDataView Source { get; }

    public virtual long? GetRowCount() => null;

    public abstract DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    /// <summary>A cursor over some of another's rows, with its columns.</summary>
    protected abstract class FilterCursor : RootCursorBase
    {
        private readonly HashSet<int> _active;

        protected FilterCursor(IHost host, IDataView source, IEnumerable<DataViewSchema.Column> columnsNeeded, DataViewSchema.Column? alsoNeeded = null, Random rand = null)
            : base(host)
        {
            _active = [.. columnsNeeded.Select(c => c.Index)];
            var needed = source.Schema.Where(c => _active.Contains(c.Index) || c.Index == alsoNeeded?.Index);
            Input = source.GetRowCursor(needed, rand);
        }

        public override DataViewSchema Schema => Input.Schema;

        public override long Batch => Input.Batch;

        protected DataViewRowCursor Input { get; }

        public override bool IsColumnActive(DataViewSchema.Column column)
        {
            Ch.Check(column.Index < Schema.Count, $"Column index must be between 0 and {Schema.Count}");
            return _active.Contains(column.Index);
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Ch.CheckParam(IsColumnActive(column), nameof(column), "requested column not active");
            return Input.GetGetter<TValue>(column);
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                Input.Dispose();
            base.Dispose(disposing);
        }
    }
}
