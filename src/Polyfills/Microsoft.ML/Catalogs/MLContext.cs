using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The entry point: catalogs of operations that share a seed, a log and the classes that models are loaded through.</summary>
public sealed class MLContext : IHostEnvironmentInternal
{
    private readonly LocalEnvironment _env;

    /// <summary>A context; with a seed its randomness repeats.</summary>
    public MLContext(int? seed = null)
    {
        _env = new LocalEnvironment(seed, (source, message) => Log?.Invoke(this, new LoggingEventArgs(message.Message, message.Kind, source)));
        BinaryClassification = new BinaryClassificationCatalog(_env);
        Ranking = new RankingCatalog(_env);
        Transforms = new TransformsCatalog(_env);
        Model = new ModelOperationsCatalog(_env);
        Data = new DataOperationsCatalog(_env);
    }

    /// <summary>Raised for every message of every component.</summary>
    public event EventHandler<LoggingEventArgs> Log;

    /// <summary>Evaluation of binary classification.</summary>
    public BinaryClassificationCatalog BinaryClassification { get; }

    /// <summary>Evaluation of ranking.</summary>
    public RankingCatalog Ranking { get; }

    /// <summary>Transforms.</summary>
    public TransformsCatalog Transforms { get; }

    /// <summary>Saving, loading and using models.</summary>
    public ModelOperationsCatalog Model { get; }

    /// <summary>Making, splitting and reading views.</summary>
    public DataOperationsCatalog Data { get; }

    /// <summary>The classes that models are loaded through.</summary>
    public ComponentCatalog ComponentCatalog => _env.ComponentCatalog;

    /// <summary>The folder for temporary files, such as the parts of a model being saved.</summary>
    public string TempFilePath
    {
        get => _env.TempFilePath;
        set => _env.TempFilePath = value;
    }

    /// <summary>Whether to go on without a GPU when one cannot be had.</summary>
    public bool FallbackToCpu
    {
        get => _env.FallbackToCpu;
        set => _env.FallbackToCpu = value;
    }

    /// <summary>The GPU to use, null for none.</summary>
    public int? GpuDeviceId
    {
        get => _env.GpuDeviceId;
        set => _env.GpuDeviceId = value;
    }

    string IExceptionContext.ContextDescription => _env.ContextDescription;

    int? IHostEnvironmentInternal.Seed => _env.Seed;

    /// <summary>Adds an option unless it is there.</summary>
    public bool TryAddOption<T>(string name, T value) => _env.TryAddOption(name, value);

    /// <summary>Sets an option.</summary>
    public void SetOption<T>(string name, T value) => _env.SetOption(name, value);

    /// <summary>Reads an option.</summary>
    public bool TryGetOption<T>(string name, out T value) => _env.TryGetOption(name, out value);

    /// <summary>Reads an option, adding it with its type's default when it is not there.</summary>
    public T GetOptionOrDefault<T>(string name) => _env.GetOptionOrDefault<T>(name);

    /// <summary>Removes an option.</summary>
    public bool RemoveOption(string name) => _env.RemoveOption(name);

    TException IExceptionContext.Process<TException>(TException ex) => _env.Process(ex);

    IHost IHostEnvironment.Register(string name, int? seed, bool? verbose) => _env.Register(name, seed, verbose);

    IChannel IChannelProvider.Start(string name) => _env.Start(name);

    IPipe<TMessage> IChannelProvider.StartPipe<TMessage>(string name) => _env.StartPipe<TMessage>(name);

    IProgressChannel IProgressChannelProvider.StartProgressChannel(string name) => _env.StartProgressChannel(name);
}
