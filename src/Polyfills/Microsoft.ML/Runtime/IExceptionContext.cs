namespace Microsoft.ML.Runtime;

/// <summary>Where an exception arose; marks it before it is thrown.</summary>
public interface IExceptionContext
{
    /// <summary>What the context is.</summary>
    string ContextDescription { get; }

    /// <summary>Marks <paramref name="ex"/> and returns it.</summary>
    TException Process<TException>(TException ex)
        where TException : Exception;
}
