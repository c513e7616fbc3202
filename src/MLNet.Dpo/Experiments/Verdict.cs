namespace MLNet.Dpo;

/// <summary>Which of two answers is the better one.</summary>
public enum Verdict
{
    /// <summary>Neither.</summary>
    Tie,

    /// <summary>The first.</summary>
    A,

    /// <summary>The second.</summary>
    B,
}

/// <summary>Says which of two answers to a prompt is the better one; <c>judge.AskAsync</c> of MLNet.Dpo.Extensions.AI's ChatClientJudge is one.</summary>
/// <param name="prompt">The prompt; a conversation's messages as JSON.</param>
/// <param name="answerA">One answer.</param>
/// <param name="answerB">The other.</param>
/// <param name="cancellation">Stops it.</param>
public delegate Task<Verdict> PairJudge(string prompt, string answerA, string answerB, CancellationToken cancellation);
