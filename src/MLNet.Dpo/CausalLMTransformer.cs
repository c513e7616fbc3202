using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Checks;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Generation.Constraints;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo;

/// <summary>
/// A chat model as an ML.NET transformer. To tokenised prompts it adds <see cref="ColumnNames.Completion"/>; where the rows have responses,
/// also <see cref="ColumnNames.Logps"/>, <see cref="ColumnNames.Rewards"/> and, with scores, <see cref="ColumnNames.Margin"/>.
/// Nothing is computed before a cursor asks for it. The model runs on one thread at a time.
/// </summary>
/// <remarks>
/// Whoever made a model ends it. ML.NET's prediction engines dispose the model that they are made over, unless their options say otherwise, and a pool of engines over one model disposes those
/// that it has too many of. So once an engine was made, disposing engines or the chain frees nothing: <see cref="Dispose"/> of this class does, as <c>ml.Preferences.FindModel(chain).Dispose()</c>,
/// and else the garbage collector, when nobody holds the model any more. Without engines, disposing the chain frees the model.
/// </remarks>
public sealed partial class CausalLMTransformer : ITransformer, IRowModel, IDisposable
{
    private const int ScoringTokens = 2048;
    private const int PollMilliseconds = 50;

    private readonly IHost _host;
    private readonly TunedModel _model;
    private readonly ConstraintCache _constraints;
    private readonly object _lock = new();
    private bool _disposed;
    private volatile bool _hasEngines;
    private int _numThreads;

    internal CausalLMTransformer(IHostEnvironment env, TunedModel model, ChatTokenizer tokenizer, double beta, int maxLength, TruncationMode truncationMode = TruncationMode.KeepStart)
    {
        _host = env.Register(nameof(CausalLMTransformer));
        _queue = new GenerationQueue(Answer);
        _constraints = new ConstraintCache(tokenizer, model.Network.Config.VocabSize);
        _model = model;
        _adapters = new NamedAdapters(model.Network, model.Adapter);
        if (model.Reference is { IsThere: false } reference)
        {
            using var channel = _host.Start("Loading");
            channel.Warning(MessageSensitivity.None, "The reference model {0} is not there, so the model gives no Rewards and Margin; put its folder where it lay, seen from the zip, or beside the zip.", reference.Path);
        }
        if (model.Network.Dtype == TorchSharp.torch.ScalarType.BFloat16 && !PrecisionChoice.InHardware(model.Network.Device))
        {
            using var channel = _host.Start("Loading");
            channel.Warning(MessageSensitivity.None, "The model computes in bfloat16, which {0} does not do in hardware: the result is right, but float32 (Precision) is faster here.", model.Network.Device);
        }
        ChatTokenizer = tokenizer;
        Beta = beta;
        MaxLength = maxLength;
        TruncationMode = truncationMode;
    }

    /// <summary>The tokenizer that completions are decoded with.</summary>
    public Tokenizer Tokenizer => ChatTokenizer.Tokenizer;

    /// <summary>β of the rewards: that of the training, 1 where there was none.</summary>
    public double Beta { get; }

    /// <summary>Prompt and response are cut to this many tokens when they are scored.</summary>
    public int MaxLength { get; }

    /// <summary>Which end is kept then: that of the training.</summary>
    public TruncationMode TruncationMode { get; }

    /// <summary>How completions are generated; set it before a cursor is opened. Default greedy, at most 256 tokens.</summary>
    public GenerationOptions Generation { get; set; } = new();

    /// <summary>
    /// CPU threads for tensor operations whenever this model runs; a number that the program itself gave to libtorch is back after each run. 0 takes the environment's OMP_NUM_THREADS or,
    /// without it, 1 for models of fewer than 10 million parameters and all cores for larger ones. Not part of a saved model: another machine has other cores. Default 0.
    /// </summary>
    /// <exception cref="ArgumentException">It is set to less than 0 or more than 1024.</exception>
    public int NumThreads
    {
        get => _numThreads;
        set
        {
            OptionCheck.Within(value, 0, CpuThreads.Most, nameof(NumThreads));
            _numThreads = value;
        }
    }

    /// <summary>
    /// Whether the model can say what its reference would, so that there are Rewards. With LoRA the reference is the same network without the adapter. Where all weights were trained, or the
    /// trainer had a reference model of its own, that model's folder is loaded when rewards are first asked for; false where a loaded zip does not find it.
    /// </summary>
    public bool HasReference => _model.HasReference || (_model.Reference is null && AdapterNames.Count > 0);

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    internal TunedModel Model => _model;

    /// <summary>The training that made the model; null where that is not known, as of a loaded one.</summary>
    internal RunReport? Training { get; set; }

    internal ChatTokenizer ChatTokenizer { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new CausalLMRowMap(this, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new CausalLMRowMap(this, inputSchema), () => _hasEngines = true);

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Transform(input, default);
    }

    /// <summary>Frees the model's tensors, after the run that is under way, whatever engines there are. A second call does nothing; every later use throws.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _adapters.Dispose();
            _model.Dispose();
        }
    }

    /// <summary>What an engine or a chain calls.</summary>
    void IDisposable.Dispose()
    {
        if (!_hasEngines)
        {
            Dispose();
            return;
        }
        using var channel = _host.Start("Disposing");
        channel.Info(MessageSensitivity.None, "The model lives on, for other prediction engines may use it; free it with ml.Preferences.FindModel(model).Dispose().");
    }

    void IRowModel.Check(TokenizedRow row, WantedResults wanted, int number)
    {
        if (wanted.Completion) RowEngine.Fits(row.Group.PromptTokens, number, _model.Network.Config, Generation);
    }

    IReadOnlyList<RowResults> IRowModel.Run(IReadOnlyList<TokenizedRow> rows, WantedResults wanted, int firstRow, CancellationToken cancellation) =>
        Run(Generation, cancellation, engine => engine.Run(rows, wanted, firstRow));

    internal IDataView Transform(IDataView input, CancellationToken cancellation) =>
        new CausalLMDataView(new CausalLMRowMap(this, input.Schema), input, Generation.BatchSize, cancellation);

    internal IReadOnlyList<Completed[]> Complete(IReadOnlyList<int[]> prompts, GenerationOptions options, int samples, int firstRow, CancellationToken cancellation) =>
        Run(options, cancellation, engine => engine.Complete(prompts, samples, firstRow));

    /// <summary>log p - log p of the reference of what <see cref="Complete"/> gave for the same prompts.</summary>
    internal double[][] LogRatios(IReadOnlyList<int[]> prompts, IReadOnlyList<Completed[]> completions, CancellationToken cancellation) =>
        Run(Generation, cancellation, engine => engine.LogRatios(prompts, completions), int.MaxValue);

    /// <summary>How rows are scored.</summary>
    internal ScoringSettings Scoring => new(Beta, MaxLength, TruncationMode, ScoringTokens);

    // One run at a time; who waits for another's can be stopped too.
    private T Run<T>(GenerationOptions options, CancellationToken cancellation, Func<RowEngine, T> run, int? maxLength = null)
    {
        options.Validate();
        Poll();
        while (!Monitor.TryEnter(_lock, PollMilliseconds)) Poll();
        try
        {
            ThrowIfDisposed();
            using var threads = CpuThreads.Use(NumThreads, _model.Network);
            using var adapter = _adapters.Activate(out _);
            return run(new RowEngine(_model.Network, ChatTokenizer, options, maxLength is { } length ? Scoring with { MaxLength = length } : Scoring, Poll, Warn, _model.Reference is { } reference ? () => reference.Network : null, _constraints));
        }
        finally
        {
            Monitor.Exit(_lock);
        }

        void Poll()
        {
            cancellation.ThrowIfCancellationRequested();
            options.CancellationToken.ThrowIfCancellationRequested();
            _host.CheckAlive();
        }

        void Warn(string message)
        {
            using var channel = _host.Start("Generation");
            channel.Warning(MessageSensitivity.None, "{0}", message);
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
            throw new ObjectDisposedException(null, "The model has been disposed; keep it for as long as it, its chain or a PredictionEngine over it is used.");
    }
}
