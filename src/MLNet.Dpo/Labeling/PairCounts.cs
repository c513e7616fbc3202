namespace MLNet.Dpo.Labeling;

/// <summary>A row's scores by people and by a scorer.</summary>
/// <param name="Key">The prompt.</param>
/// <param name="People">People's score of each response.</param>
/// <param name="Scorer">The scorer's.</param>
internal sealed record ComparedRow(string Key, float[] People, float[] Scorer)
{
    internal bool IsScored => Scorer.All(float.IsFinite);
}

/// <summary>What two-by-two comparisons of responses come to.</summary>
/// <param name="Pairs">People order the two.</param>
/// <param name="Hits">The scorer orders them in the same way.</param>
/// <param name="ScorerTies">The scorer finds them equal, people do not.</param>
/// <param name="PeopleTies">People find them equal.</param>
/// <param name="SharedTies">Both find them equal.</param>
internal sealed record PairCounts(int Pairs, int Hits, int ScorerTies, int PeopleTies, int SharedTies)
{
    internal double Accuracy => Pairs == 0 ? double.NaN : (double)Hits / Pairs;

    /// <summary>
    /// Cohen's κ = (p_o - p_e) / (1 - p_e). With each pair in both orders, "first" and "second" are equally frequent, so that p_e = (1 - t)(1 - u) / 2 + t u for the shares t and u of ties.
    /// </summary>
    internal double Kappa
    {
        get
        {
            double all = Pairs + PeopleTies;
            var observed = (Hits + SharedTies) / all;
            var (people, scorer) = (PeopleTies / all, (ScorerTies + SharedTies) / all);
            var chance = ((1 - people) * (1 - scorer) / 2) + (people * scorer);
            return (observed - chance) / (1 - chance);
        }
    }

    internal PairCounts Plus(PairCounts other) => new(
        Pairs + other.Pairs, Hits + other.Hits, ScorerTies + other.ScorerTies, PeopleTies + other.PeopleTies, SharedTies + other.SharedTies);

    internal static PairCounts Of(ComparedRow row)
    {
        int pairs = 0, hits = 0, scorerTies = 0, peopleTies = 0, sharedTies = 0;
        for (var i = 0; i < row.People.Length; i++)
        {
            for (var j = i + 1; j < row.People.Length; j++)
            {
                var (people, scorer) = (row.People[i].CompareTo(row.People[j]), row.Scorer[i].CompareTo(row.Scorer[j]));
                if (people == 0)
                {
                    peopleTies++;
                    if (scorer == 0) sharedTies++;
                    continue;
                }
                pairs++;
                if (scorer == 0) scorerTies++;
                else if (Math.Sign(scorer) == Math.Sign(people)) hits++;
            }
        }
        return new PairCounts(pairs, hits, scorerTies, peopleTies, sharedTies);
    }
}
