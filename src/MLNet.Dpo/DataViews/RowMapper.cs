using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>ML.NET's view of a <see cref="RowMap"/>: what prediction engines use.</summary>
internal sealed class RowMapper(RowMap map) : IRowToRowMapper
{
    public DataViewSchema InputSchema => map.InputSchema;

    public DataViewSchema OutputSchema => map.OutputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => map.Dependencies(dependingColumns);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new MappedRow(map, input, activeColumns);
}
