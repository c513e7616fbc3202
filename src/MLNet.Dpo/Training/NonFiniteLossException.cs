namespace MLNet.Dpo;

/// <summary>Training was stopped because a loss, a gradient or a trained weight became NaN, infinite, or, of a weight, larger than 1e6.</summary>
/// <param name="row">The row of the data that caused it, from 0; -1 when no single row did.</param>
/// <param name="message">One line: what happened, and what to do.</param>
public sealed class NonFiniteLossException(int row, string message) : ArithmeticException(message)
{
    /// <summary>The row of the data that caused it, from 0; -1 when no single row did.</summary>
    public int Row { get; } = row;
}
