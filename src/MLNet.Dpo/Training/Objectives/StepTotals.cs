namespace MLNet.Dpo.Training.Objectives;

/// <summary>What a step's means are divided by, whatever the micro-batches.</summary>
/// <param name="Rows">Rows of the step.</param>
/// <param name="Pairs">Pairs of all rows.</param>
/// <param name="LmTokens">Tokens of the language-model loss: the chosen response's of every pair, and the prompts' that have a weight.</param>
/// <param name="Weighting">What weighs the same.</param>
internal sealed record StepTotals(int Rows, int Pairs, int LmTokens, PairWeighting Weighting)
{
    internal static StepTotals Of(IReadOnlyList<PreferenceExample> rows, PairWeighting weighting) => new(
        rows.Count,
        rows.Sum(row => row.Pairs.Count),
        rows.Sum(row => row.Pairs.Sum(pair => row.ScoredLength(pair.Chosen)) + row.WeightedPromptTokens),
        weighting);

    /// <summary>The part that each pair of a row has in the step's mean.</summary>
    internal double WeightOfPair(PreferenceExample row) => Weighting == PairWeighting.Pairs ? 1.0 / Pairs : 1.0 / ((double)Rows * row.Pairs.Count);
}
