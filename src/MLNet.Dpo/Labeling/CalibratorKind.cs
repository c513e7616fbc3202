namespace MLNet.Dpo;

/// <summary>How raw scores become probabilities.</summary>
public enum CalibratorKind
{
    /// <summary>A sigmoid of the score (Platt 1999): smooth, keeps different scores different, right for few labels.</summary>
    Platt,

    /// <summary>A staircase (isotonic regression by pool-adjacent-violators): any rising form, for some hundred labels and more; scores on one step become equal, and equal scores give no pair.</summary>
    Isotonic,
}
