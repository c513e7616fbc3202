namespace MLNet.Dpo;

/// <summary>What became of the rows of a data set when they were made into training examples.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="TruncatedRows">Rows of which at least one response was cut at MaxLength.</param>
/// <param name="DroppedLongPrompts">Rows left out because the prompt alone fills MaxLength.</param>
/// <param name="DroppedWithoutPairs">Rows left out because no two responses differ in score, or there is no response.</param>
/// <param name="DroppedSayingNothing">Rows left out because what is left of their responses, rendered and cut, says nothing: those of every pair are equal, or one is empty or blank.</param>
/// <param name="LeftOut">Pairs (where pairs are trained on; else responses) left out for the same reason, of rows that have others and are used.</param>
/// <param name="CutPrompts">Rows used whose prompt was cut at its front (<see cref="TruncationMode.KeepEnd"/>); such a row runs its prompt once for each response.</param>
/// <param name="PromptsNoPrefix">Rows read whose prompt, tokenised alone, is no beginning of prompt and response together (<see cref="ColumnNames.PromptIsPrefix"/>).</param>
public sealed record TruncationSummary(
    int Rows, int TruncatedRows, int DroppedLongPrompts, int DroppedWithoutPairs, int DroppedSayingNothing = 0, int LeftOut = 0, int CutPrompts = 0, int PromptsNoPrefix = 0)
{
    /// <summary>
    /// Rows whose own texts hold control tokens (added tokens that are marked special, such as <c>&lt;|im_end|&gt;</c>): they are read as such. Counted where the text columns still stand beside
    /// the tokens.
    /// </summary>
    public int RowsWithControlTokens { get; init; }

    /// <summary>
    /// Rows with a message that carries something which the chat template leaves out, so that it is not trained (<c>reasoning_content</c> of earlier turns, say). Counted where the text columns
    /// still stand beside the tokens.
    /// </summary>
    public int RowsWithLeftOutKeys { get; init; }

    /// <summary>The keys of those messages that were left out, with commas between them; empty for none.</summary>
    public string LeftOutKeys { get; init; } = "";

    /// <summary>Rows used that have no pair, which the language-model loss alone learns.</summary>
    public int RowsWithoutPairs { get; init; }

    /// <summary>All rows left out.</summary>
    public int Dropped => DroppedLongPrompts + DroppedWithoutPairs + DroppedSayingNothing;

    /// <summary>Whether every row is used as it is.</summary>
    internal bool IsNothing => Dropped + TruncatedRows + LeftOut + CutPrompts + PromptsNoPrefix + RowsWithControlTokens + RowsWithLeftOutKeys == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Rows} rows read, {Rows - Dropped} used, {TruncatedRows} with a response cut at MaxLength, {DroppedLongPrompts} dropped for a prompt that fills MaxLength, {DroppedWithoutPairs} dropped without two differently scored responses, " +
        $"{DroppedSayingNothing} dropped with responses that are equal or empty once rendered and cut"
        + (LeftOut > 0 ? $", {LeftOut} such pairs or responses left out of rows that have others" : "")
        + (CutPrompts > 0 ? $", {CutPrompts} with a prompt cut at its front, which run it once for each response" : "")
        + (PromptsNoPrefix > 0 ? $", {PromptsNoPrefix} whose prompt tokenised alone is no beginning of prompt and response together: the tokens that differ count as the responses'" : "")
        + (RowsWithoutPairs > 0 ? $", {RowsWithoutPairs} without a pair, learned by the language-model loss alone" : "")
        + (RowsWithControlTokens > 0 ? $", {RowsWithControlTokens} with control tokens in their texts, which are read as such" : "")
        + (RowsWithLeftOutKeys > 0 ? $", {RowsWithLeftOutKeys} with parts of messages that the chat template leaves out ({LeftOutKeys}): they are not trained" : "");
}
