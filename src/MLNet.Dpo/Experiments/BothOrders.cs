namespace MLNet.Dpo.Experiments;

/// <summary>Asks a judge in both orders, so that one who goes by position decides nothing.</summary>
internal static class BothOrders
{
    /// <summary>The verdicts of pairs of answers, in their order, so many at a time.</summary>
    internal static async Task<JudgedAnswers[]> AskAsync(PairJudge judge, IReadOnlyList<(string Prompt, string A, string B)> pairs, AnswerEvaluationOptions options)
    {
        var results = new JudgedAnswers[pairs.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxParallelCalls, CancellationToken = options.CancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, pairs.Count), parallel, async (i, cancellation) => results[i] = await AskAsync(judge, pairs[i].Prompt, pairs[i].A, pairs[i].B, cancellation).ConfigureAwait(false)).ConfigureAwait(false);
        return results;
    }

    private static async Task<JudgedAnswers> AskAsync(PairJudge judge, string prompt, string a, string b, CancellationToken cancellation)
    {
        if (a == b) return new JudgedAnswers(prompt, a, b, Verdict.Tie, false);
        var first = await judge(prompt, a, b, cancellation).ConfigureAwait(false);
        var second = await judge(prompt, b, a, cancellation).ConfigureAwait(false) switch { Verdict.A => Verdict.B, Verdict.B => Verdict.A, _ => Verdict.Tie };
        return new JudgedAnswers(prompt, a, b, first == second ? first : Verdict.Tie, first != second);
    }
}
