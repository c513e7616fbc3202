using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a view that a test of one column's value accepts.</summary>
internal sealed class ColumnFilterDataView : WrappingDataView
{
    private readonly DataViewSchema.Column _column;
    private readonly Func<DataViewRow, Func<bool>> _makeTest;

    private ColumnFilterDataView(IHostEnvironment env, IDataView source, DataViewSchema.Column column, Func<DataViewRow, Func<bool>> makeTest)
        : base(env, "RangeFilter", source)
    {
        _column = column;
        _makeTest = makeTest;
    }

    /// <summary>Keeps the rows whose value, as a number of 64 bits, <paramref name="keep"/> accepts.</summary>
    public static ColumnFilterDataView Create(IHostEnvironment env, IDataView source, DataViewSchema.Column column, Func<double, bool> keep)
        => new(env, source, column, row => MakeTest(row, column, Invoke(nameof(Number), column, row), keep));

    /// <summary>Keeps the rows whose value's hash, as a number in [0, 1), <paramref name="keep"/> accepts.</summary>
    public static ColumnFilterDataView CreateHashed(IHostEnvironment env, IDataView source, DataViewSchema.Column column, uint seed, Func<double, bool> keep)
        => new(env, source, column, row => MakeTest(row, column, ColumnHash.Fraction(row, column, seed), keep));

    public override DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) => new Cursor(this, columnsNeeded, rand);

    private static Func<bool> MakeTest(DataViewRow row, DataViewSchema.Column column, Func<double> value, Func<double, bool> keep) => () => keep(value());

    private static Func<double> Invoke(string method, DataViewSchema.Column column, DataViewRow row)
        => (Func<double>)typeof(ColumnFilterDataView).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column]);

    /// <summary>A key counts as the middle of its share of [0, 1), as its share is what a range of keys means.</summary>
    private static Func<double> Number<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var get = row.GetGetter<T>(column);
        var value = default(T);
        double? keys = column.Type is KeyDataViewType key ? key.Count : null;
        return () =>
        {
            get(ref value);
            var number = Convert.ToDouble(value);
            return keys is not { } count ? number : number == 0 || number > count ? double.NaN : (number - 0.5) / count;
        };
    }

    private sealed class Cursor : FilterCursor
    {
        private readonly Func<bool> _test;

        public Cursor(ColumnFilterDataView parent, IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand)
            : base(parent.Host, parent.Source, columnsNeeded, parent._column, rand)
            => _test = parent._makeTest(Input);

        protected override bool MoveNextCore()
        {
            while (Input.MoveNext())
            {
                if (_test())
                    return true;
            }
            return false;
        }
    }
}
