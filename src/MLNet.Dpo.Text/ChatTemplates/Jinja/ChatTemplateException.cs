namespace MLNet.Dpo;

/// <summary>A chat template cannot be parsed, or refuses to render; the message is the template's own where it called <c>raise_exception</c>.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <summary>An exception with a message.</summary>
    public ChatTemplateException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with a message and its cause.</summary>
    public ChatTemplateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
