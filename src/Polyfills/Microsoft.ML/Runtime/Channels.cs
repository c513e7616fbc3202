using System.Diagnostics;

namespace Microsoft.ML.Runtime;

/// <summary>A pipe whose messages go to the environment's listeners.</summary>
internal class Pipe<TMessage> : IPipe<TMessage>
{
    private readonly Action<string, TMessage> _dispatch;

    public Pipe(LocalEnvironment parent, string name, Action<string, TMessage> dispatch)
    {
        Parent = parent;
        Name = name;
        FullName = parent.FullName == null ? name : $"{parent.FullName}; {name}";
        _dispatch = dispatch;
    }

    public string FullName { get; }

    public string ContextDescription => FullName;

    protected string Name { get; }

    protected LocalEnvironment Parent { get; }

    public void Send(TMessage msg) => _dispatch(FullName, msg);

    public TException Process<TException>(TException ex)
        where TException : Exception
    {
        if (ex == null)
            return null;
        ex.Data["Throwing component"] = Parent.ShortName;
        ex.Data["Parent component"] = Parent.ParentFullName;
        ex.Data["Phase"] = Name;
        return Contracts.Mark(ex);
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A pipe of text messages that also tells when it starts and ends.</summary>
internal sealed class Channel : Pipe<ChannelMessage>, IChannel
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private bool _disposed;

    public Channel(LocalEnvironment parent, string name, Action<string, ChannelMessage> dispatch)
        : base(parent, name, dispatch)
        => Send(new ChannelMessage(ChannelMessageKind.Trace, MessageSensitivity.None, "Channel started"));

    public void Trace(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt));

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Trace, sensitivity, fmt, args));

    public void Error(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt));

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Error, sensitivity, fmt, args));

    public void Warning(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt));

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Warning, sensitivity, fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt) => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt));

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => Send(new ChannelMessage(ChannelMessageKind.Info, sensitivity, fmt, args));

    public override void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Send(new ChannelMessage(ChannelMessageKind.Trace, MessageSensitivity.None, "Channel finished. Elapsed {0:c}.", _watch.Elapsed));
        Send(new ChannelMessage(ChannelMessageKind.Trace, MessageSensitivity.None, "Channel disposed"));
        base.Dispose();
    }
}

/// <summary>Progress is seen by nobody in an <see cref="MLContext"/>, which listens to text messages only.</summary>
internal sealed class UnobservedProgressChannel : IProgressChannel
{
    public void SetHeader(ProgressHeader header, Action<IProgressEntry> fillAction)
    {
    }

    public void Checkpoint(params double?[] values)
    {
    }

    public IProgressChannel StartProgressChannel(string name) => new UnobservedProgressChannel();

    public void Dispose()
    {
    }
}
