namespace MLNet.Dpo.Training.Objectives;

/// <summary>What a step's means are divided by, whatever the micro-batches.</summary>
/// <param name="Rows">Rows of the step that have pairs.</param>
/// <param name="Pairs">Pairs of all rows.</param>
/// <param name="LmTokens">Tokens that have a weight in the language-model loss; each counts once, however many pairs its response is in.</param>
/// <param name="Weighting">What weighs the same.</param>
internal sealed record StepTotals(int Rows, int Pairs, int LmTokens, PairWeighting Weighting)
{
    internal static StepTotals Of(IReadOnlyList<PreferenceExample> rows, PairWeighting weighting) => new(
        rows.Count(row => row.Pairs.Count > 0),
        rows.Sum(row => row.Pairs.Count),
        rows.Sum(row => row.LmTokens),
        weighting);

    /// <summary>The part that each pair of a row has in the step's mean.</summary>
    internal double WeightOfPair(PreferenceExample row) => Weighting == PairWeighting.Pairs ? 1.0 / Pairs : 1.0 / ((double)Rows * row.Pairs.Count);
}
