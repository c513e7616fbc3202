using System.Globalization;
using MLNet.Dpo.Labeling;
using MLNet.Dpo.Statistics;

namespace MLNet.Dpo;

/// <summary>
/// How well a scorer orders responses as people do. A pair is two responses of a row that people scored differently; it is a hit where the scorer's better one is people's. A tie of
/// the scorer is no hit; a tie of people is no pair. Read it before pairs are built: above 75 % is good data for DPO.
/// </summary>
/// <param name="Accuracy">Hits among the pairs, 0 to 1; NaN without pairs.</param>
/// <param name="Lower">Lower end of the accuracy's 95 % interval: Wilson's, for as many independent pairs as the pairs, which depend on each other within a prompt, are worth.</param>
/// <param name="Upper">Upper end of the interval.</param>
/// <param name="Kappa">
/// Cohen's κ of all pairs, people's ties too, over first better, second better and tie, each pair taken in both orders, so that the order of a file says nothing. 1 full agreement,
/// 0 no more than chance, below 0 against people.
/// </param>
/// <param name="Labels">Labelled rows that say something and were counted: whose responses people scored differently, and the scorer scored.</param>
/// <param name="Pairs">Pairs compared.</param>
/// <param name="ScorerTies">Pairs among them that the scorer finds equal: no hits.</param>
/// <param name="PeopleTies">Two responses that people find equal: counted for κ alone.</param>
/// <param name="SeenLabels">Labelled rows that do not count, because the scorer was fitted to their prompts.</param>
/// <param name="UnscoredLabels">Labelled rows that do not count, because the scorer gave a response no number.</param>
/// <param name="Scorer">The scorer and its settings in a few words.</param>
public sealed record ScorerAgreement(
    double Accuracy, double Lower, double Upper, double Kappa, int Labels, int Pairs, int ScorerTies, int PeopleTies, int SeenLabels, int UnscoredLabels, string Scorer)
{
    /// <summary>One line with all of them, whatever the culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scorer}: accuracy {Accuracy * 100:0.0} % (95 % interval {Lower * 100:0.0} to {Upper * 100:0.0} %), kappa {Kappa:0.00}, {Labels} labels with {Pairs} pairs, {ScorerTies} ties of the scorer, {PeopleTies} of people, {SeenLabels} labels left out as seen, {UnscoredLabels} as not scored");

    internal static ScorerAgreement Of(IEnumerable<ComparedRow> rows, int seen, string scorer)
    {
        var all = rows.ToList();
        var scored = all.Where(row => row.IsScored).ToList();
        var counts = scored.Select(row => (row.Key, Counts: PairCounts.Of(row))).ToList();
        var total = counts.Aggregate(new PairCounts(0, 0, 0, 0, 0), (sum, row) => sum.Plus(row.Counts));
        var clusters = counts.GroupBy(row => row.Key).Select(same => same.Aggregate(new PairCounts(0, 0, 0, 0, 0), (sum, row) => sum.Plus(row.Counts))).Where(c => c.Pairs > 0).ToList();
        var (lower, upper) = Interval.Wilson(total.Accuracy, EffectivePairs(clusters, total));
        return new ScorerAgreement(
            total.Accuracy, lower, upper, total.Kappa, counts.Count(row => row.Counts.Pairs > 0), total.Pairs, total.ScorerTies, total.PeopleTies, seen, all.Count - scored.Count, scorer);
    }

    // Kish's design effect from the spread of the prompts' own hits; 1 prompt is worth at least 1 pair, and no pair more than itself.
    private static double EffectivePairs(IReadOnlyList<PairCounts> clusters, PairCounts total)
    {
        var (p, n, count) = (total.Accuracy, total.Pairs, clusters.Count);
        if (count < 2 || p is 0 or 1) return count;
        var variance = count / (count - 1.0) * clusters.Sum(cluster => Math.Pow(cluster.Hits - (p * cluster.Pairs), 2)) / ((double)n * n);
        return variance == 0 ? n : Math.Clamp(p * (1 - p) / variance, 1, n);
    }
}
