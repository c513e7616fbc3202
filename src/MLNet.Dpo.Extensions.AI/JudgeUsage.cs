using System.Globalization;

namespace MLNet.Dpo;

/// <summary>What a judge has cost so far.</summary>
/// <param name="Calls">Calls made, repeated ones too.</param>
/// <param name="CachedVerdicts">Verdicts that were known and cost nothing.</param>
/// <param name="MalformedReplies">Replies that were not as asked for.</param>
/// <param name="FailedCalls">Calls that failed.</param>
/// <param name="InputTokens">Tokens sent, as far as the client counts them.</param>
/// <param name="OutputTokens">Tokens received, as far as the client counts them.</param>
/// <param name="Comparisons">Pairs of answers judged, both orders together.</param>
/// <param name="Inconsistent">Pairs among them where the verdict changed with the order, so that it is a tie: a high share says that the judge goes by position.</param>
public sealed record JudgeUsage(long Calls, long CachedVerdicts, long MalformedReplies, long FailedCalls, long InputTokens, long OutputTokens, long Comparisons, long Inconsistent)
{
    /// <summary>One line with all of them, whatever the culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Calls} calls ({MalformedReplies} malformed replies, {FailedCalls} failed), {CachedVerdicts} verdicts from the cache, {InputTokens} tokens in, {OutputTokens} out, {Comparisons} comparisons, {Inconsistent} of them changed with the order");
}
