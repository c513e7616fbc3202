using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Learns a transformer from data.</summary>
public interface IEstimator<out TTransformer>
    where TTransformer : ITransformer
{
    /// <summary>Learns from the data.</summary>
    TTransformer Fit(IDataView input);

    /// <summary>The columns that the transformer will give for such an input; throws when the input does not do.</summary>
    SchemaShape GetOutputSchema(SchemaShape inputSchema);
}

/// <summary>Turns a view into another, lazily.</summary>
public interface ITransformer : ICanSaveModel
{
    /// <summary>Whether each output row depends on one input row only.</summary>
    bool IsRowToRowMapper { get; }

    /// <summary>The columns of the output for such an input; throws when the input does not do.</summary>
    DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    /// <summary>Turns a view into another; nothing is computed before the result is read.</summary>
    IDataView Transform(IDataView input);

    /// <summary>The mapping of single rows; throws when <see cref="IsRowToRowMapper"/> is false.</summary>
    IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);
}

/// <summary>Makes a view of a source.</summary>
public interface IDataLoader<in TSource> : ICanSaveModel
{
    /// <summary>A view of the source; nothing is read before the view is.</summary>
    IDataView Load(TSource input);

    /// <summary>The columns of the views.</summary>
    DataViewSchema GetOutputSchema();
}

/// <summary>Learns a loader from a source.</summary>
public interface IDataLoaderEstimator<in TSource, out TLoader>
    where TLoader : IDataLoader<TSource>
{
    /// <summary>Learns from the source.</summary>
    TLoader Fit(TSource input);

    /// <summary>The columns that the loader will give.</summary>
    SchemaShape GetOutputSchema();
}
