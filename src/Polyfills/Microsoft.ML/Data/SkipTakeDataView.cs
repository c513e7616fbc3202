using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a view from one position on, up to a number.</summary>
internal sealed class SkipTakeDataView : WrappingDataView
{
    private readonly long _skip;
    private readonly long _take;

    public SkipTakeDataView(IHostEnvironment env, IDataView source, long skip, long take)
        : base(env, "SkipTakeFilter", source)
    {
        _skip = skip;
        _take = take;
    }

    public override bool CanShuffle => false;

    public override long? GetRowCount() => Source.GetRowCount() is { } count ? Math.Min(Math.Max(count - _skip, 0), _take) : _take == 0 ? 0 : null;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) => new Cursor(this, columnsNeeded);

    private sealed class Cursor : FilterCursor
    {
        private readonly SkipTakeDataView _parent;

        public Cursor(SkipTakeDataView parent, IEnumerable<DataViewSchema.Column> columnsNeeded)
            : base(parent.Host, parent.Source, columnsNeeded)
            => _parent = parent;

        protected override bool MoveNextCore()
        {
            if (!IsGood)
            {
                for (long i = 0; i < _parent._skip; i++)
                {
                    if (!Input.MoveNext())
                        return false;
                }
            }
            return Position + 1 < _parent._take && Input.MoveNext();
        }
    }
}
