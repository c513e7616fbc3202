namespace MLNet.Dpo;

/// <summary>What weighs the same in the preference loss of a step: every pair, or every row, whose pairs then share its weight.</summary>
public enum PairWeighting
{
    /// <summary>Every pair, as where each pair is a row of its own: a row of four differently scored responses counts as six pairs.</summary>
    Pairs,

    /// <summary>Every row: each of its n pairs weighs 1/n.</summary>
    Rows,
}
