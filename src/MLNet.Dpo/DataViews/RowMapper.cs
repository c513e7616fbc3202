using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>ML.NET's view of a <see cref="RowMap"/>: what prediction engines use.</summary>
/// <param name="map">The columns.</param>
/// <param name="handedOut">Told of every row, and so of every engine; null where nobody asks.</param>
internal sealed class RowMapper(RowMap map, Action? handedOut = null) : IRowToRowMapper
{
    public DataViewSchema InputSchema => map.InputSchema;

    public DataViewSchema OutputSchema => map.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => map.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        handedOut?.Invoke();
        return new MappedRow(map, input, activeColumns);
    }
}
