namespace Microsoft.ML.Data;

/// <summary>Metrics of ranking, at truncations 1, 2, ...</summary>
public sealed class RankingMetrics
{
    internal RankingMetrics(double[] dcg, double[] ndcg)
    {
        DiscountedCumulativeGains = dcg;
        NormalizedDiscountedCumulativeGains = ndcg;
    }

    /// <summary>DCG as a share of the best that the group's labels allow, averaged over groups; 0 for a group whose best is 0.</summary>
    public IReadOnlyList<double> NormalizedDiscountedCumulativeGains { get; }

    /// <summary>The sum of gain / ln(2 + position), averaged over groups.</summary>
    public IReadOnlyList<double> DiscountedCumulativeGains { get; }
}

/// <summary>Settings of the evaluation of ranking.</summary>
public sealed class RankingEvaluatorOptions
{
    /// <summary>The largest truncation.</summary>
    public int DcgTruncationLevel = 10;

    /// <summary>The gain of each label, from 0 on, separated by commas.</summary>
    public string LabelGains = "0,3,7,15,31";
}
