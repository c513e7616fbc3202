using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Makes, splits and reads views.</summary>
public sealed class DataOperationsCatalog
{
    private readonly IHostEnvironment _env;

    internal DataOperationsCatalog(IHostEnvironment env) => _env = env;

    /// <summary>Objects as rows; enumerated anew by each cursor.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, SchemaDefinition schemaDefinition = null)
        where TRow : class
    {
        _env.CheckValue(data, nameof(data));
        return new EnumerableDataView<TRow>(_env, data, schemaDefinition);
    }

    /// <summary>Objects as rows with the columns of a schema, each of which must have a member.</summary>
    public IDataView LoadFromEnumerable<TRow>(IEnumerable<TRow> data, DataViewSchema schema)
        where TRow : class
    {
        _env.CheckValue(data, nameof(data));
        _env.CheckValue(schema, nameof(schema));
        return new EnumerableDataView<TRow>(_env, data, RowColumn.Define<TRow>(_env, schema));
    }

    /// <summary>The rows as objects, read lazily; with <paramref name="reuseRowObject"/> always the same one.</summary>
    public IEnumerable<TRow> CreateEnumerable<TRow>(IDataView data, bool reuseRowObject, bool ignoreMissingColumns = false, SchemaDefinition schemaDefinition = null)
        where TRow : class, new()
    {
        _env.CheckValue(data, nameof(data));
        var writer = new RowWriter<TRow>(_env, data.Schema, ignoreMissingColumns, schemaDefinition);
        return Enumerate(data, writer, reuseRowObject);
    }

    /// <summary>Keeps in memory what is read, and at once the columns named.</summary>
    public IDataView Cache(IDataView input, params string[] columnsToPrefetch)
    {
        _env.CheckValue(input, nameof(input));
        var prefetch = (columnsToPrefetch ?? []).Select(name => Column(input, name, nameof(columnsToPrefetch), "prefetch"));
        return new CacheDataView(_env, input, prefetch.ToArray());
    }

    /// <summary>The rows whose number lies in [lower, upper).</summary>
    public IDataView FilterRowsByColumn(IDataView input, string columnName, double lowerBound = double.NegativeInfinity, double upperBound = double.PositiveInfinity)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckNonEmpty(columnName, nameof(columnName));
        _env.CheckParam(lowerBound < upperBound, nameof(upperBound), "Must be less than lowerBound");
        var column = input.Schema[columnName];
        if (column.Type is not NumberDataViewType)
            throw _env.ExceptSchemaMismatch(nameof(columnName), "filter", columnName, "number", column.Type.ToString());
        _env.CheckParam(column.Type == NumberDataViewType.Single || column.Type == NumberDataViewType.Double, "Column", $"Column '{columnName}' does not have compatible type");
        return ColumnFilterDataView.Create(_env, input, column, value => lowerBound <= value && value < upperBound);
    }

    /// <summary>The rows in a random order, chosen from a pool in memory.</summary>
    public IDataView ShuffleRows(IDataView input, int? seed = null, int shufflePoolSize = 1000, bool shuffleSource = true)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(shufflePoolSize > 0, nameof(shufflePoolSize), "Must be positive");
        return new ShuffleDataView(_env, input, seed, shufflePoolSize, shuffleSource);
    }

    /// <summary>The rows after the first <paramref name="count"/>.</summary>
    public IDataView SkipRows(IDataView input, long count)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeDataView(_env, input, count, long.MaxValue);
    }

    /// <summary>The first <paramref name="count"/> rows.</summary>
    public IDataView TakeRows(IDataView input, long count)
    {
        _env.CheckValue(input, nameof(input));
        _env.CheckUserArg(count > 0, nameof(count), "Must be greater than zero.");
        return new SkipTakeDataView(_env, input, 0, count);
    }

    /// <summary>Splits rows at random; those with equal values in a sampling key column stay together.</summary>
    public TrainTestData TrainTestSplit(IDataView data, double testFraction = 0.1, string samplingKeyColumnName = null, int? seed = null)
    {
        _env.CheckValue(data, nameof(data));
        _env.CheckParam(0 < testFraction && testFraction < 1, nameof(testFraction), "Must be between 0 and 1 exclusive");
        return new TrainTestData(
            Split(data, samplingKeyColumnName, seed, value => value >= testFraction),
            Split(data, samplingKeyColumnName, seed, value => value < testFraction));
    }

    private IDataView Split(IDataView data, string keyColumn, int? seed, Func<double, bool> keep)
    {
        var seedToUse = (uint?)(seed ?? ((IHostEnvironmentInternal)_env).Seed);
        if (keyColumn == null)
            return new RandomSplitDataView(_env, data, seedToUse ?? 42, keep);
        var column = Column(data, keyColumn, "samplingKeyColumn", "SamplingKeyColumn");
        return column.Type is KeyDataViewType
            ? ColumnFilterDataView.Create(_env, data, column, keep)
            : ColumnFilterDataView.CreateHashed(_env, data, column, seedToUse ?? 314489979, keep);
    }

    private DataViewSchema.Column Column(IDataView data, string name, string parameter, string role)
        => data.Schema.GetColumnOrNull(name) ?? throw _env.ExceptSchemaMismatch(parameter, role, name);

    private static IEnumerable<TRow> Enumerate<TRow>(IDataView data, RowWriter<TRow> writer, bool reuseRowObject)
        where TRow : class, new()
    {
        using var cursor = data.GetRowCursor(writer.Columns);
        var fill = writer.Bind(cursor);
        TRow row = null;
        while (cursor.MoveNext())
        {
            if (!reuseRowObject || row == null)
                row = new TRow();
            fill(row);
            yield return row;
        }
    }

    /// <summary>The two parts of a split.</summary>
    public struct TrainTestData
    {
        /// <summary>The rows to train on.</summary>
        public readonly IDataView TrainSet;

        /// <summary>The rows to test on.</summary>
        public readonly IDataView TestSet;

        internal TrainTestData(IDataView trainSet, IDataView testSet)
        {
            TrainSet = trainSet;
            TestSet = testSet;
        }
    }
}
