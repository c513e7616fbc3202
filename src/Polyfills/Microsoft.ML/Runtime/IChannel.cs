namespace Microsoft.ML.Runtime;

/// <summary>A channel of messages of one type.</summary>
public interface IPipe<TMessage> : IExceptionContext, IDisposable
{
    /// <summary>Sends a message to all listeners.</summary>
    void Send(TMessage msg);
}

/// <summary>How important a message is.</summary>
public enum ChannelMessageKind
{
    /// <summary>Detail for debugging.</summary>
    Trace = 0,

    /// <summary>Something to know.</summary>
    Info = 1,

    /// <summary>Something that may be wrong.</summary>
    Warning = 2,

    /// <summary>Something that is wrong.</summary>
    Error = 3,
}

/// <summary>What a message may give away.</summary>
[Flags]
public enum MessageSensitivity
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Users' data.</summary>
    UserData = 0x1,

    /// <summary>Names and types of columns.</summary>
    Schema = 0x2,

    /// <summary>Anything.</summary>
    Unknown = ~None,

    /// <summary>Anything.</summary>
    All = Unknown,
}

/// <summary>A message with its kind.</summary>
public readonly struct ChannelMessage
{
    private readonly string _message;
    private readonly object[] _args;

    /// <summary>How important it is.</summary>
    public readonly ChannelMessageKind Kind;

    /// <summary>What it may give away.</summary>
    public readonly MessageSensitivity Sensitivity;

    internal ChannelMessage(ChannelMessageKind kind, MessageSensitivity sensitivity, string message)
    {
        Contracts.CheckNonEmpty(message, nameof(message));
        Kind = kind;
        Sensitivity = sensitivity;
        _message = message;
        _args = null;
    }

    internal ChannelMessage(ChannelMessageKind kind, MessageSensitivity sensitivity, string fmt, params object[] args)
        : this(kind, sensitivity, fmt)
    {
        Contracts.CheckParam(args is { Length: > 0 }, nameof(args), "args cannot be null or empty");
        _args = args;
    }

    /// <summary>The text.</summary>
    public string Message => _args != null ? string.Format(_message, _args) : _message;
}

/// <summary>A channel of text messages.</summary>
public interface IChannel : IPipe<ChannelMessage>
{
    /// <summary>Sends detail for debugging.</summary>
    void Trace(MessageSensitivity sensitivity, string fmt);

    /// <summary>Sends detail for debugging.</summary>
    void Trace(MessageSensitivity sensitivity, string fmt, params object[] args);

    /// <summary>Sends an error.</summary>
    void Error(MessageSensitivity sensitivity, string fmt);

    /// <summary>Sends an error.</summary>
    void Error(MessageSensitivity sensitivity, string fmt, params object[] args);

    /// <summary>Sends a warning.</summary>
    void Warning(MessageSensitivity sensitivity, string fmt);

    /// <summary>Sends a warning.</summary>
    void Warning(MessageSensitivity sensitivity, string fmt, params object[] args);

    /// <summary>Sends information.</summary>
    void Info(MessageSensitivity sensitivity, string fmt);

    /// <summary>Sends information.</summary>
    void Info(MessageSensitivity sensitivity, string fmt, params object[] args);
}
