namespace MLNet.Dpo.Losses;

/// <summary>What a preference loss asks for beyond β and the pairs' summed log-probabilities, which every loss is given.</summary>
[Flags]
internal enum LossNeeds
{
    /// <summary>Nothing: a sum over pairs, each pair's part its own.</summary>
    None = 0,

    /// <summary>All pairs of an optimizer step at once: its value is no sum over pairs, so no pair's gradient is known before every pair is scored.</summary>
    WholeStep = 1,

    /// <summary>Reads ε, the label smoothing.</summary>
    LabelSmoothing = 2,

    /// <summary>Is not defined for an ε of 0.</summary>
    LabelSmoothingAboveZero = LabelSmoothing | 4,

    /// <summary>Reads τ of DiscoPOP.</summary>
    DiscopopTau = 8,

    /// <summary>Reads γ of SimPO.</summary>
    SimpoGamma = 16,

    /// <summary>No reference: its log-probabilities are given as 0, and none is run.</summary>
    NoReference = 32,
}
