namespace MLNet.Dpo;

/// <summary>What became of the rows of a data set when they were made into training examples.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="TruncatedRows">Rows of which at least one response was cut at MaxLength.</param>
/// <param name="DroppedLongPrompts">Rows left out because the prompt alone fills MaxLength.</param>
/// <param name="DroppedWithoutPairs">Rows left out because no two responses differ in score, or there is no response.</param>
public sealed record TruncationSummary(int Rows, int TruncatedRows, int DroppedLongPrompts, int DroppedWithoutPairs)
{
    /// <summary>All rows left out.</summary>
    public int Dropped => DroppedLongPrompts + DroppedWithoutPairs;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Rows} rows read, {Rows - Dropped} used, {TruncatedRows} with a response cut at MaxLength, {DroppedLongPrompts} dropped for a prompt that fills MaxLength, {DroppedWithoutPairs} dropped without two differently scored responses";
}
