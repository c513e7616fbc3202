using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a view whose random number, one a row in order, lies inside a range, or outside it.</summary>
internal sealed class RandomSplitDataView : WrappingDataView
{
    private readonly uint _seed;
    private readonly Func<double, bool> _keep;

    public RandomSplitDataView(IHostEnvironment env, IDataView source, uint seed, Func<double, bool> keep)
        : base(env, "RangeFilter", source)
    {
        _seed = seed;
        _keep = keep;
    }

    /// <summary>Numbers belong to rows by their order, which must not change.</summary>
    public override bool CanShuffle => false;

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) => new Cursor(this, columnsNeeded);

    private sealed class Cursor : FilterCursor
    {
        private readonly TauswortheHybrid _random;
        private readonly Func<double, bool> _keep;

        public Cursor(RandomSplitDataView parent, IEnumerable<DataViewSchema.Column> columnsNeeded)
            : base(parent.Host, parent.Source, columnsNeeded)
        {
            _random = SeededRandom.Create(parent._seed);
            _keep = parent._keep;
        }

        protected override bool MoveNextCore()
        {
            while (Input.MoveNext())
            {
                if (_keep(_random.NextSingle()))
                    return true;
            }
            return false;
        }
    }
}
