namespace MLNet.Dpo;

/// <summary>How the learning rate goes from warm-up to the end; the names and formulas of transformers.</summary>
public enum LearningRateScheduler
{
    /// <summary>Falls in a straight line to 0.</summary>
    Linear,

    /// <summary>Falls along half a cosine to 0.</summary>
    Cosine,

    /// <summary>Stays as it is.</summary>
    Constant,
}
