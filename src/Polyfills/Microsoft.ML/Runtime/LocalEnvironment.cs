namespace Microsoft.ML.Runtime;

/// <summary>The environment behind an <see cref="MLContext"/>; a host is a child of it with its own random generator.</summary>
internal class LocalEnvironment : IHostEnvironmentInternal
{
    private readonly Dictionary<string, object> _options;
    private readonly LocalEnvironment _parent;
    private readonly Action<string, ChannelMessage> _dispatch;
    private readonly Random _rand;
    private readonly object _lock = new();

    public LocalEnvironment(int? seed, Action<string, ChannelMessage> dispatch)
    {
        Seed = seed;
        _rand = SeededRandom.Create(seed);
        _dispatch = dispatch;
        _options = [];
        ComponentCatalog = new ComponentCatalog();
        TempFilePath = Path.GetTempPath();
    }

    protected LocalEnvironment(LocalEnvironment parent, string name, Random rand)
    {
        _parent = parent;
        ShortName = name;
        Seed = parent.Seed;
        _rand = rand;
        _dispatch = parent._dispatch;
        _options = [];
        ComponentCatalog = parent.ComponentCatalog;
        TempFilePath = parent.TempFilePath;
        GpuDeviceId = parent.GpuDeviceId;
        FallbackToCpu = parent.FallbackToCpu;
    }

    public string ShortName { get; }

    /// <summary>The parent's parent: that is how ML.NET names its hosts.</summary>
    public string ParentFullName => _parent?._parent?.FullName;

    public string FullName => ParentFullName == null ? ShortName : $"{ParentFullName}; {ShortName}";

    public string ContextDescription => "HostEnvironment";

    public ComponentCatalog ComponentCatalog { get; }

    public int? Seed { get; }

    public string TempFilePath { get; set; }

    public bool FallbackToCpu { get; set; }

    public int? GpuDeviceId { get; set; }

    public Random Rand => _rand;

    public IHost Register(string name, int? seed = null, bool? verbose = null)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        lock (_lock)
            return new LocalHost(this, name, seed.HasValue ? SeededRandom.Create(seed) : SeededRandom.Create(_rand));
    }

    public IChannel Start(string name) => new Channel(this, name, _dispatch);

    public IPipe<TMessage> StartPipe<TMessage>(string name)
    {
        Action<string, TMessage> dispatch = typeof(TMessage) == typeof(ChannelMessage) ? (Action<string, TMessage>)(object)_dispatch : (_, _) => { };
        return new Pipe<TMessage>(this, name, dispatch);
    }

    public IProgressChannel StartProgressChannel(string name)
    {
        Contracts.CheckNonEmpty(name, nameof(name));
        return new UnobservedProgressChannel();
    }

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex == null)
            return null;
        ex.Data["Throwing component"] = "Environment";
        return Contracts.Mark(ex);
    }

    public bool TryAddOption<T>(string name, T value)
    {
        CheckOptionName(name);
        return _options.TryAdd(name, value);
    }

    public void SetOption<T>(string name, T value)
    {
        CheckOptionName(name);
        _options[name] = value;
    }

    public bool TryGetOption<T>(string name, out T value)
    {
        CheckOptionName(name);
        var found = _options.TryGetValue(name, out var stored) && stored is T;
        value = found ? (T)stored : default;
        return found;
    }

    public T GetOptionOrDefault<T>(string name)
    {
        TryAddOption(name, default(T));
        return (T)_options[name];
    }

    public bool RemoveOption(string name)
    {
        CheckOptionName(name);
        return _options.Remove(name);
    }

    private static void CheckOptionName(string name)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentNullException(nameof(name));
    }
}

/// <summary>One component's environment.</summary>
internal sealed class LocalHost : LocalEnvironment, IHost
{
    public LocalHost(LocalEnvironment parent, string name, Random rand)
        : base(parent, name, rand)
    {
    }
}
