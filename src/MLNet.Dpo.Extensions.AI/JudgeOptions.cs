namespace MLNet.Dpo;

/// <summary>How a <see cref="ChatClientJudge"/> asks.</summary>
public sealed class JudgeOptions
{
    /// <summary>What makes one answer better than another, in plain words: the judge's instruction. Default asks for the more helpful, correct and concise answer.</summary>
    public string Criterion { get; set; } = "Prefer the answer that is more helpful, correct and concise.";

    /// <summary>Comparisons that people made, shown to the judge before each question. Default none.</summary>
    public IReadOnlyList<JudgeExample> Examples { get; set; } = [];

    /// <summary>How often a reply that is not as asked for, or a call that fails, is asked again; 0 or more. Default 2.</summary>
    public int MaxRetries { get; set; } = 2;

    /// <summary>How long to wait before the first repetition of a failed call; twice as long before each further one. Default 1 second.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The most calls at a time; 1 or more. Default 4.</summary>
    public int MaxParallelCalls { get; set; } = 4;

    /// <summary>
    /// A file (JSONL) of verdicts: a line for each is added as it comes, and what is in it is not asked again, by this run or a later one. A torn last line, of a run that was killed, is
    /// left out. Verdicts of another criterion, other examples or another <see cref="ModelId"/> do not count. Null keeps them in memory. Default null.
    /// </summary>
    public string? CachePath { get; set; }

    /// <summary>The model that the client is asked to use; null for the client's own. Default null.</summary>
    public string? ModelId { get; set; }

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Criterion)) throw new ArgumentException("Criterion is empty; say in plain words which answer is the better one.");
        if (MaxRetries < 0) throw new ArgumentException($"MaxRetries is {MaxRetries}; allowed: 0 or more.");
        if (MaxParallelCalls < 1) throw new ArgumentException($"MaxParallelCalls is {MaxParallelCalls}; allowed: 1 or more.");
        if (RetryDelay < TimeSpan.Zero) throw new ArgumentException($"RetryDelay is {RetryDelay}; allowed: 0 or more.");
    }
}

/// <summary>A comparison that the judge is shown.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="AnswerA">The first answer.</param>
/// <param name="AnswerB">The second answer.</param>
/// <param name="Verdict">Which is better.</param>
public sealed record JudgeExample(string Prompt, string AnswerA, string AnswerB, Verdict Verdict);
