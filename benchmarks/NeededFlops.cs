namespace MLNet.Dpo.Benchmarks;

/// <summary>The floating-point operations that a LoRA step cannot do without: each token once, the prompt shared, attention over what is seen, logits where a response has tokens; the frozen weights get no gradient.</summary>
internal static class NeededFlops
{
    private const double PerToken = 2.0 * BenchmarkModel.Layers * BenchmarkModel.Hidden
        * ((2 * BenchmarkModel.Hidden) + (2 * BenchmarkModel.KeyValueHeads * BenchmarkModel.HeadDim) + (3 * BenchmarkModel.Intermediate));

    private const double PerLogitRow = 2.0 * BenchmarkModel.Hidden * BenchmarkModel.Vocabulary;

    /// <summary>Of the mean pair, forward and backward.</summary>
    public static double OfPair(IEnumerable<PairTokens> rows) => rows.Average(row =>
    {
        double prompt = row.Prompt.Length;
        var (tokens, responses) = (prompt + row.Chosen.Length + row.Rejected.Length, row.Chosen.Length + row.Rejected.Length);
        // Scores and sums over values, 2 x 2 x seen positions x hidden each way; backward twice as much.
        var seen = (prompt * prompt / 2) + new[] { row.Chosen.Length, row.Rejected.Length }.Sum(length => (length * prompt) + (length * (double)length / 2));
        return (2 * PerToken * tokens) + (2 * PerLogitRow * responses) + (3 * 4 * BenchmarkModel.Layers * BenchmarkModel.Hidden * seen);
    });
}
