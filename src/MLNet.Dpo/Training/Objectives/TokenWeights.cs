namespace MLNet.Dpo.Training.Objectives;

/// <summary>
/// How much each token's log-probability counts when a response is compared with another: all of it up to the length of the shorter one,
/// <paramref name="ldAlpha"/> of it beyond (LD-DPO, arXiv 2409.06411; TRL's <c>ld_alpha</c>). Without it every token counts in full.
/// </summary>
internal sealed class TokenWeights(double? ldAlpha)
{
    /// <summary>The response's log-probability as it counts against a response of <paramref name="otherLength"/> tokens.</summary>
    internal double Sum(ReadOnlySpan<float> logps, int otherLength)
    {
        double sum = 0;
        for (var i = 0; i < logps.Length; i++) sum += Of(i, otherLength) * logps[i];
        return sum;
    }

    /// <summary>Spreads a derivative with respect to <see cref="Sum"/> over the response's tokens.</summary>
    internal void Spread(double derivative, Span<float> tokens, int otherLength)
    {
        for (var i = 0; i < tokens.Length; i++) tokens[i] += (float)(Of(i, otherLength) * derivative);
    }

    private double Of(int token, int otherLength) => token < otherLength ? 1 : ldAlpha ?? 1;
}
