using System.Globalization;

namespace MLNet.Dpo.Inspection;

/// <summary>Draws from the counts what a person should know before training: a pure function.</summary>
internal static class DataFindings
{
    // What the two guides that this library follows ask for: 2,000 to 3,000 pairs for one style, 5,000 to 10,000 for clear standards, 10,000 and more for unclear ones.
    private const int FewestPairs = 2000;
    private const int FewestForClearStandards = 5000;
    private const int FewestForUnclearStandards = 10_000;

    // Fewer pairs than this may lean to one side by chance.
    private const int FewestForBias = 20;

    /// <summary>What is to be said; empty for a healthy set.</summary>
    internal static IReadOnlyList<DataFinding> Of(DataStatistics data, bool hasChatTemplate) =>
    [
        .. Few(data), .. Unusable(data),
        .. Some(DataFindingKind.Ties, data.Ties, data, "rows have several responses and no two that differ in score; nothing can be learned of them, and training drops them.", "Score them again, more finely, or leave them out."),
        .. Some(DataFindingKind.IdenticalResponses, data.Identical, data, "rows prefer a response to the very same text.", "Leave these pairs out; training drops them and counts them."),
        .. Some(DataFindingKind.EmptyResponses, data.Empty, data, "rows have a response that is empty or blank.", "Remove it: an empty chosen response teaches silence, an empty rejected one teaches nothing."),
        .. Some(DataFindingKind.RefusingChosen, data.Refusing, data, "rows prefer a refusal to an answer.", "Keep them only if the model is to refuse there; if not, swap or rewrite them."),
        .. Some(DataFindingKind.Duplicates, data.Duplicates, data, "rows stand there before, word by word.", "Remove the repetitions: they count as often as they stand there, and may fall into both splits."),
        .. Near(data),
        .. Some(DataFindingKind.Contradictions, data.Contradicting, data, "rows prefer what an earlier row of the same prompt rejects.", "Decide for one, or leave both out: together they only cancel out."),
        .. LengthBias(data), .. Cut(data),
        .. Some(DataFindingKind.Leakage, data.Leaking, data, "rows have a prompt that the other split has, too.", "Split by prompt (samplingKeyColumnName: \"PromptKey\"), or what is measured there is memory."),
        .. Diversity(data),
        .. hasChatTemplate ? [] : (DataFinding[])[new(DataFindingKind.NoChatTemplate, "The tokenizer has no chat template: the model is probably a bare base that was never taught to answer.",
            "Start from a model after supervised fine-tuning (an instruct or chat model), or fine-tune first (Trainers.Sft).")],
    ];

    private static IEnumerable<DataFinding> Few(DataStatistics data)
    {
        if (data.Pairs >= FewestPairs) yield break;
        yield return new(DataFindingKind.FewPairs, Text($"There are {data.Pairs} pairs."), Text($"For one special task, a style say, {FewestPairs:N0} to 3,000 are advised, for clear standards {FewestForClearStandards:N0} to 10,000, for unclear ones {FewestForUnclearStandards:N0} and more: sample and mark more (ml.Preferences.Sample), or be content with a small change."));
    }

    private static IEnumerable<DataFinding> Unusable(DataStatistics data)
    {
        if (data.Unusable.Count > 0)
            yield return new(DataFindingKind.UnusableRows, Text($"{data.Unusable.Count} rows cannot be used; the first: {data.Unusable[0].TrimEnd('.')}."), "Correct or remove them; training would stop there.");
    }

    private static IEnumerable<DataFinding> Some(DataFindingKind kind, IReadOnlyList<InspectedRow> rows, DataStatistics data, string what, string remedy)
    {
        if (rows.Count > 0) yield return new(kind, Text($"{rows.Count} of {data.Rows.Count} {what} The first: {rows[0].Place}."), remedy);
    }

    private static IEnumerable<DataFinding> Near(DataStatistics data)
    {
        if (data.Near.Count == 0) yield break;
        var (row, earlier) = data.Near[0];
        yield return new(DataFindingKind.NearDuplicates, Text($"{data.Near.Count} of {data.Rows.Count} rows differ from an earlier one in a few characters only. The first: {row.Place}, after {earlier.Place}."),
            "Keep the better of each, or keep them in one split; they teach less than their number says.");
    }

    private static IEnumerable<DataFinding> LengthBias(DataStatistics data)
    {
        // Three standard deviations of a fair coin, and a lean that a model would learn from.
        var lean = data.LongerWins - 0.5;
        if (data.UnequalPairs < FewestForBias || Math.Abs(lean) < 0.15 || Math.Abs(lean) < 1.5 / Math.Sqrt(data.UnequalPairs)) yield break;
        yield return new(DataFindingKind.LengthBias,
            Text($"Longer wins in {data.LongerWins:P1} of the pairs; chosen responses have {data.ChosenLengths.Mean:0.#} tokens on average, rejected ones {data.RejectedLengths.Mean:0.#}."),
            "If length is not what is wanted, the model will learn it all the same: add pairs the other way round, or set LdAlpha below 1.");
    }

    private static IEnumerable<DataFinding> Cut(DataStatistics data)
    {
        if (data.LongPrompts == 0 && data.CutRows < 0.01 * data.Rows.Count) yield break;
        if (data.LongPrompts + data.CutRows == 0) yield break;
        yield return new(DataFindingKind.CutAtMaxLength,
            Text($"At a MaxLength of {data.MaxLength} tokens {data.CutRows} of {data.Rows.Count} rows have a response that is cut, and {data.LongPrompts} are dropped because the prompt alone fills it."),
            Text($"The longest row has {data.RowLengths.Max:0} tokens, 95 % have at most {data.RowLengths.P95:0}: raise MaxLength as far as the model's context goes, take a model with a longer one, or shorten the rows."));
    }

    private static IEnumerable<DataFinding> Diversity(DataStatistics data)
    {
        if (data.Rows.Count < FewestForBias || data.Distinct[1] >= 0.1) yield break;
        yield return new(DataFindingKind.LowDiversity,
            Text($"The chosen responses are much alike: of their runs of two tokens {data.Distinct[1]:P1} are different."),
            "Sample from several models, or with a higher Temperature or TopP, so that the wanted style comes with more than one content.");
    }

    internal static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
