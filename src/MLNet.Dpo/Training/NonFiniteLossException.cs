namespace MLNet.Dpo;

/// <summary>Training was stopped because a loss or a gradient became NaN or infinite.</summary>
/// <param name="row">The row of the data that caused it, from 0; -1 when no single row did.</param>
/// <param name="message">One line: what happened, and what to do.</param>
public sealed class NonFiniteLossException(int row, string message) : ArithmeticException(message)
{
    /// <summary>The row of the data that caused it, from 0; -1 when no single row did.</summary>
    public int Row { get; } = row;
}
