namespace MLNet.Dpo;

/// <summary>What an inspection of preference data can find.</summary>
public enum DataFindingKind
{
    /// <summary>Fewer pairs than even a special task wants.</summary>
    FewPairs,

    /// <summary>Rows that cannot be read or rendered.</summary>
    UnusableRows,

    /// <summary>Rows of which no two responses differ in score.</summary>
    Ties,

    /// <summary>Pairs whose responses are the same text.</summary>
    IdenticalResponses,

    /// <summary>Responses that say nothing.</summary>
    EmptyResponses,

    /// <summary>Chosen responses that refuse to answer.</summary>
    RefusingChosen,

    /// <summary>Rows that stand there more than once.</summary>
    Duplicates,

    /// <summary>Rows that differ from another in a few words.</summary>
    NearDuplicates,

    /// <summary>Pairs of one prompt that prefer the opposite of each other.</summary>
    Contradictions,

    /// <summary>The longer, or the shorter, response wins nearly always.</summary>
    LengthBias,

    /// <summary>Responses that are cut, and prompts that leave no room, at the length limit.</summary>
    CutAtMaxLength,

    /// <summary>Prompts that stand in the other split, too.</summary>
    Leakage,

    /// <summary>The chosen responses are much alike.</summary>
    LowDiversity,

    /// <summary>The base has no chat template.</summary>
    NoChatTemplate,

    /// <summary>The base does not come to an end when it answers.</summary>
    NotFollowingInstructions,

    /// <summary>The chosen responses are improbable under the base.</summary>
    ImprobableChosen,

    /// <summary>The chosen responses have a form that the base never gives.</summary>
    NewFormat,

    /// <summary>Hardly a chosen response is one that the base would give.</summary>
    FewOnPolicy,
}

/// <summary>Something that an inspection found in preference data, and what to do about it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Message">What is seen, with its numbers and where it is first seen.</param>
/// <param name="Remedy">What to do.</param>
public sealed record DataFinding(DataFindingKind Kind, string Message, string Remedy)
{
    /// <summary>One line: what is seen and what to do.</summary>
    public override string ToString() => $"{Kind}: {Message} {Remedy}";
}
