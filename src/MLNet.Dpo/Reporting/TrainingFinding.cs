namespace MLNet.Dpo;

/// <summary>What a run's metrics can show.</summary>
public enum TrainingFindingKind
{
    /// <summary>The loss falls on the training data and rises on the validation data.</summary>
    Overfitting,

    /// <summary>The chosen responses become less probable together with the rejected ones.</summary>
    ChosenFalling,

    /// <summary>The margin comes from the responses' lengths, not from what they say.</summary>
    MarginByLength,

    /// <summary>All training pairs are told apart and nothing is left to learn.</summary>
    Saturated,

    /// <summary>Many responses were cut, or rows dropped, at MaxLength.</summary>
    TooManyCut,

    /// <summary>The loss rises on the training data itself.</summary>
    LearningRateTooHigh,

    /// <summary>The model is as it was.</summary>
    NothingLearned,

    /// <summary>The loss does not fall in the first part of the run.</summary>
    FlatFromStart,

    /// <summary>The losses are still falling at the end.</summary>
    NotConverged,
}

/// <summary>Something that a run's metrics show, and what to do about it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What is seen, with its numbers.</param>
/// <param name="Remedy">What to do, naming the options.</param>
public sealed record TrainingFinding(TrainingFindingKind Kind, string Message, string Remedy)
{
    /// <summary>One line: what is seen and what to do.</summary>
    public override string ToString() => $"{Kind}: {Message} {Remedy}";
}
