using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A message of the <see cref="MLContext.Log"/> event.</summary>
public class LoggingEventArgs : EventArgs
{
    /// <summary>A message as it is.</summary>
    public LoggingEventArgs(string message) => Message = message;

    /// <summary>A message with its kind and source.</summary>
    public LoggingEventArgs(string message, ChannelMessageKind kind, string source)
    {
        RawMessage = message;
        Kind = kind;
        Source = source;
        Message = $"[Source={Source}, Kind={Kind}] {RawMessage}";
    }

    /// <summary>The component that sent it.</summary>
    public string Source { get; }

    /// <summary>How important it is.</summary>
    public ChannelMessageKind Kind { get; }

    /// <summary>The text, with source and kind before it.</summary>
    public string Message { get; }

    /// <summary>The text alone.</summary>
    public string RawMessage { get; }
}
