using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo;

/// <summary>A scorer of <c>ml.Preferences.Scorers</c>, to be fitted, appended to others, or fitted to people's labels where it learns from them.</summary>
public sealed class ScoringEstimator : IEstimator<ScoringTransformer>
{
    private readonly IHostEnvironment _env;
    private readonly string _outputColumnName;
    private readonly Action<SchemaShape> _checkShape;
    private readonly Func<IDataView, RowScorer> _fit;

    /// <summary>A scorer that learns nothing.</summary>
    internal ScoringEstimator(IHostEnvironment env, RowScorer scorer, string outputColumnName)
        : this(env, outputColumnName, scorer.CheckShape, _ => scorer)
    {
    }

    /// <summary>A scorer that is made from labels.</summary>
    internal ScoringEstimator(IHostEnvironment env, string outputColumnName, Action<SchemaShape> checkShape, Func<IDataView, RowScorer> fit)
    {
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        (_env, _outputColumnName, _checkShape, _fit) = (env, outputColumnName, checkShape, fit);
    }

    /// <summary>Checks the input's columns, learns from its labels where the scorer does, and gives the transformer.</summary>
    /// <param name="input">Rows of prompts and responses; with people's <see cref="ColumnNames.Scores"/> for a scorer that learns from them.</param>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    /// <exception cref="PreferenceDataException">The labels say nothing to learn from.</exception>
    public ScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new ScoringTransformer(_env, _fit(input), _outputColumnName);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _checkShape(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name);
        columns[_outputColumnName] = new SchemaShape.Column(_outputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }
}
