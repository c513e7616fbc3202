namespace MLNet.Dpo.Generation;

/// <summary>A chosen token among those that could have been.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Logp">Its log-probability.</param>
/// <param name="Top">The most probable ones in its place, the most probable first.</param>
internal sealed record ChosenToken(int Id, double Logp, IReadOnlyList<(int Id, double Logp)> Top)
{
    /// <summary>Looks a choice up.</summary>
    /// <param name="logits">[vocabulary]: the model's own.</param>
    /// <param name="id">What was chosen.</param>
    /// <param name="count">How many of the most probable ones are wanted.</param>
    internal static ChosenToken Of(ReadOnlySpan<float> logits, int id, int count)
    {
        var highest = float.NegativeInfinity;
        foreach (var logit in logits) highest = Math.Max(highest, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - highest);
        var normalizer = highest + Math.Log(sum);
        var best = new PriorityQueue<int, (float Logit, int Order)>();
        for (var i = 0; i < logits.Length && count > 0; i++)
        {
            if (best.Count < count) best.Enqueue(i, (logits[i], -i));
            else if (best.TryPeek(out _, out var least) && logits[i] > least.Logit) best.EnqueueDequeue(i, (logits[i], -i));
        }
        var top = new List<(int, double)>(best.Count);
        while (best.TryDequeue(out var next, out var rank)) top.Insert(0, (next, rank.Logit - normalizer));
        return new ChosenToken(id, logits[id] - normalizer, top);
    }
}
