namespace MLNet.Dpo;

/// <summary>Which of a row's scored responses become pairs.</summary>
public enum PairStrategy
{
    /// <summary>Every two that are scored differently: K distinct scores give K (K - 1) / 2 pairs.</summary>
    All,

    /// <summary>The best against the worst: one pair a row, the clearest.</summary>
    BestAgainstWorst,

    /// <summary>The best against each that is worse.</summary>
    BestAgainstEach,

    /// <summary>None: only the best against rejected answers of your own.</summary>
    OwnRejected,
}
