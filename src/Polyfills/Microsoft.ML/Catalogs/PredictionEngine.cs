using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Predicts for single objects; not thread safe.</summary>
public sealed class PredictionEngine<TSrc, TDst> : PredictionEngineBase<TSrc, TDst>
    where TSrc : class
    where TDst : class, new()
{
    internal PredictionEngine(IHostEnvironment env, ITransformer transformer, PredictionEngineOptions options)
        : base(env, transformer, options)
    {
    }

    /// <inheritdoc/>
    public override void Predict(TSrc example, ref TDst prediction)
    {
        Contracts.CheckValue(example, nameof(example));
        ExtractValues(example);
        prediction ??= new TDst();
        FillValues(prediction);
    }
}

/// <summary>Predicts for single objects.</summary>
public abstract class PredictionEngineBase<TSrc, TDst> : IDisposable
    where TSrc : class
    where TDst : class, new()
{
    private readonly ObjectRow<TSrc> _input;
    private readonly Action<TDst> _fill;
    private readonly bool _ownsTransformer;
    private bool _disposed;

    private protected PredictionEngineBase(IHostEnvironment env, ITransformer transformer, PredictionEngineOptions options)
    {
        env.CheckValue(transformer, nameof(transformer));
        env.CheckParam(transformer.IsRowToRowMapper, nameof(transformer), "Must be a row to row mapper");
        Transformer = transformer;
        _ownsTransformer = options.OwnsTransformer;
        _input = new ObjectRow<TSrc>(env, options.InputSchemaDefinition);
        var mapper = transformer.GetRowToRowMapper(_input.Schema);
        var writer = new RowWriter<TDst>(env, mapper.OutputSchema, options.IgnoreMissingColumns, options.OutputSchemaDefinition);
        _fill = writer.Bind(mapper.GetRow(_input, mapper.OutputSchema));
        OutputSchema = transformer.GetOutputSchema(_input.Schema);
    }

    /// <summary>The columns of the transformer's output.</summary>
    public DataViewSchema OutputSchema { get; }

    private protected ITransformer Transformer { get; }

    /// <summary>The prediction for one object.</summary>
    public TDst Predict(TSrc example)
    {
        var result = new TDst();
        Predict(example, ref result);
        return result;
    }

    /// <summary>The prediction for one object, into <paramref name="prediction"/>.</summary>
    public abstract void Predict(TSrc example, ref TDst prediction);

    /// <summary>Disposes the transformer too, unless the options say that the engine does not own it.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _input.Dispose();
        if (_ownsTransformer)
            (Transformer as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void ExtractValues(TSrc example) => _input.Set(example);

    private protected void FillValues(TDst prediction) => _fill(prediction);
}

/// <summary>Settings of a prediction engine.</summary>
public sealed class PredictionEngineOptions
{
    /// <summary>Whether a member of the output class may have no column.</summary>
    public bool IgnoreMissingColumns = true;

    /// <summary>How the members of the input class become columns.</summary>
    public SchemaDefinition InputSchemaDefinition;

    /// <summary>How columns become members of the output class.</summary>
    public SchemaDefinition OutputSchemaDefinition;

    /// <summary>Whether disposing the engine disposes the transformer.</summary>
    public bool OwnsTransformer = true;
}
