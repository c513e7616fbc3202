namespace Microsoft.ML.Data;

/// <summary>Maps single rows.</summary>
public interface IRowToRowMapper
{
    /// <summary>The columns of the input rows.</summary>
    DataViewSchema InputSchema { get; }

    /// <summary>The columns of the output rows.</summary>
    DataViewSchema OutputSchema { get; }

    /// <summary>The input columns needed to compute some output columns.</summary>
    IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns);

    /// <summary>The output row of an input row; it moves with the input and owns it.</summary>
    DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns);
}
