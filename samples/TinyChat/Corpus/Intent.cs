namespace TinyChat;

/// <summary>What a fact says: the texts of the slots in wordings and answers. The slot "answer" is what a right answer must name.</summary>
/// <param name="Slots">Slot name to text.</param>
public sealed record Fact(IReadOnlyDictionary<string, string> Slots)
{
    /// <summary>The text that a right answer must name.</summary>
    public string Answer => Slots["answer"];

    /// <summary>A fact from its answer and its other slots.</summary>
    public static Fact Of(string answer, params (string Slot, string Text)[] slots) =>
        new(slots.Append(("answer", answer)).ToDictionary(s => s.Item1, s => s.Item2));

    /// <summary>The fact of small talk: there is nothing to fill in and nothing to be right about.</summary>
    public static Fact None { get; } = new(new Dictionary<string, string>());
}

/// <summary>What a user may want to say or ask in one language: its wordings, and how TinyChat answers in either style.</summary>
public sealed class Intent
{
    /// <summary>The intent's name, the same in both languages.</summary>
    public required string Name { get; init; }

    /// <summary>The language of wordings and answers.</summary>
    public required Language Language { get; init; }

    /// <summary>Patterns (see <see cref="Phrases"/>) that take any frame of <see cref="Frames"/> around them.</summary>
    public IReadOnlyList<string> Wordings { get; init; } = [];

    /// <summary>Patterns that stand alone, such as "3+4=".</summary>
    public IReadOnlyList<string> BareWordings { get; init; } = [];

    /// <summary>Patterns of the short answers.</summary>
    public required IReadOnlyList<string> Terse { get; init; }

    /// <summary>Patterns of the long answers.</summary>
    public required IReadOnlyList<string> Lengthy { get; init; }

    /// <summary>The facts asked about; empty for small talk.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>Whether the user asks (and may end with a question mark) rather than says something.</summary>
    public bool IsQuestion { get; init; }

    /// <summary>How often the intent is drawn, relative to the others. Facts take many rows to learn, so knowledge weighs more than small talk.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Whether an answer to this intent can be right or wrong.</summary>
    public bool HasKnownAnswer => Facts.Count > 0;
}
