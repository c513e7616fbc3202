namespace MLNet.Dpo;

/// <summary>A judge that gave no verdict: its replies were not as asked for, or its calls failed, as often as it may be asked. Verdicts that came before are kept.</summary>
public sealed class JudgeException : Exception
{
    /// <summary>An error with a message of one line and what caused it.</summary>
    public JudgeException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
