namespace Microsoft.ML.Runtime;

/// <summary>Opens channels to report to.</summary>
public interface IChannelProvider : IExceptionContext
{
    /// <summary>A channel of messages; dispose it when the work is done.</summary>
    IChannel Start(string name);

    /// <summary>A channel of messages of another type.</summary>
    IPipe<TMessage> StartPipe<TMessage>(string name);
}

/// <summary>What components run in: channels, randomness, the catalog of loadable classes.</summary>
public interface IHostEnvironment : IChannelProvider, IProgressChannelProvider
{
    /// <summary>The classes that models are loaded through.</summary>
    ComponentCatalog ComponentCatalog { get; }

    /// <summary>A host for one component.</summary>
    IHost Register(string name, int? seed = null, bool? verbose = null);
}

/// <summary>The settings of an environment that its hosts inherit.</summary>
internal interface IHostEnvironmentInternal : IHostEnvironment
{
    int? Seed { get; }

    string TempFilePath { get; set; }

    bool FallbackToCpu { get; set; }

    int? GpuDeviceId { get; set; }

    bool TryAddOption<T>(string name, T value);

    void SetOption<T>(string name, T value);

    bool TryGetOption<T>(string name, out T value);

    T GetOptionOrDefault<T>(string name);

    bool RemoveOption(string name);
}

/// <summary>One component's environment.</summary>
public interface IHost : IHostEnvironment
{
    /// <summary>The component's own random generator; not thread safe.</summary>
    Random Rand { get; }
}

/// <summary>Reports progress of named work.</summary>
public interface IProgressChannelProvider
{
    /// <summary>A channel to report progress to.</summary>
    IProgressChannel StartProgressChannel(string name);
}

/// <summary>A channel to report progress to.</summary>
public interface IProgressChannel : IProgressChannelProvider, IDisposable
{
    /// <summary>Sets what is counted and who fills in the numbers when asked.</summary>
    void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction);

    /// <summary>Reports values: the metrics, then the progress in each unit.</summary>
    void Checkpoint(params double?[] values);
}

/// <summary>The names of a progress channel's units and metrics.</summary>
public sealed class ProgressHeader
{
    /// <summary>The units that progress is counted in.</summary>
    public readonly IReadOnlyList<string> UnitNames;

    /// <summary>The metrics reported.</summary>
    public readonly IReadOnlyList<string> MetricNames;

    /// <summary>A header with metrics and units.</summary>
    public ProgressHeader(string[] metricNames, string[] unitNames)
    {
        MetricNames = metricNames ?? [];
        UnitNames = unitNames ?? [];
    }

    /// <summary>A header with units only.</summary>
    public ProgressHeader(params string[] unitNames)
        : this(null, unitNames)
    {
    }
}

/// <summary>The numbers of one progress report.</summary>
public interface IProgressEntry
{
    /// <summary>Sets how far the work is in a unit.</summary>
    void SetProgress(int index, double value);

    /// <summary>Sets how far the work is in a unit, and where it ends.</summary>
    void SetProgress(int index, double value, double lim);

    /// <summary>Sets a metric.</summary>
    void SetMetric(int index, double value);
}
