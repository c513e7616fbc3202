using System.Globalization;
using Microsoft.ML;

namespace MLNet.Dpo;

/// <summary>Pairs for a trainer, and what they were built of.</summary>
/// <param name="Data">A row for each pair: Prompt, Messages, PromptKey, Responses or ResponseMessages (the chosen one first), Scores (1 and 0), Tools and ChatTemplateArguments, SourceRecord.</param>
/// <param name="Summary">What was built and what was left out.</param>
public sealed record PairSet(IDataView Data, PairSummary Summary);

/// <summary>What pairs were built of.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Prompts">Different prompts that have a pair.</param>
/// <param name="Pairs">Pairs built.</param>
/// <param name="OwnRejected">Pairs among them whose rejected answer is your own.</param>
/// <param name="RowsWithoutPair">Rows that gave none.</param>
/// <param name="BelowGap">Pairs left out because the scores are closer than the least gap.</param>
/// <param name="IdenticalTexts">Pairs left out because both responses are the same text.</param>
/// <param name="OverLimit">Pairs left out because their prompt has enough.</param>
/// <param name="Unscored">Responses left out because their score is no number.</param>
/// <param name="OnPolicyShare">Share of the pairs' responses that the model to be trained gave, 0 to 1; null where that is not known.</param>
/// <param name="Sources">How many of the pairs' responses are from each source; empty where rows have no sources. Your own rejected answers are not among them.</param>
public sealed record PairSummary(
    int Rows, int Prompts, int Pairs, int OwnRejected, int RowsWithoutPair, int BelowGap, int IdenticalTexts, int OverLimit, int Unscored, double? OnPolicyShare, IReadOnlyDictionary<string, int> Sources)
{
    /// <summary>One line with all of them, whatever the culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Pairs} pairs of {Prompts} prompts ({OwnRejected} with own rejected answers) from {Rows} rows, {RowsWithoutPair} of them without a pair; left out {BelowGap} below the gap, {IdenticalTexts} of identical texts, {OverLimit} over the limit, {Unscored} responses without a score; on-policy {(OnPolicyShare is { } share ? $"{share * 100:0.0} %" : "unknown")}{(Sources.Count == 0 ? "" : ", sources: " + string.Join(", ", Sources.Select(source => $"{source.Key} {source.Value}")))}");
}
