namespace MLNet.Dpo.Data;

/// <summary>Two responses of one group, of which the first is preferred.</summary>
/// <param name="Chosen">Index of the preferred response in its group.</param>
/// <param name="Rejected">Index of the other response in its group.</param>
internal readonly record struct PreferencePair(int Chosen, int Rejected)
{
    /// <summary>
    /// Every pair of responses whose scores differ, the higher one chosen, ordered by chosen, then rejected index; equal scores give none.
    /// K distinct scores give K (K - 1) / 2 pairs.
    /// </summary>
    public static IReadOnlyList<PreferencePair> FromScores(ReadOnlySpan<float> scores)
    {
        var pairs = new List<PreferencePair>();
        for (var chosen = 0; chosen < scores.Length; chosen++)
            for (var rejected = 0; rejected < scores.Length; rejected++)
                if (scores[chosen] > scores[rejected])
                    pairs.Add(new PreferencePair(chosen, rejected));
        return pairs;
    }
}
