namespace MLNet.Dpo.Generation;

/// <summary>A token that may be chosen.</summary>
internal readonly record struct Candidate(int Id, double Probability);

/// <summary>Chooses the next token from a row of logits: temperature, top-k, top-p, min-p, typical-p, epsilon and eta cutoff, in this order, as transformers' chain of logits warpers.</summary>
internal static class Sampler
{
    /// <summary>The id of the chosen token.</summary>
    internal static int Next(ReadOnlySpan<float> logits, GenerationOptions options, Random random)
    {
        var best = ArgMax(logits);
        if (options.Temperature == 0) return best;
        var candidates = Candidates(logits, options);
        var draw = random.NextDouble();
        foreach (var (id, probability) in candidates)
        {
            draw -= probability;
            if (draw < 0) return id;
        }
        return candidates[^1].Id;
    }

    /// <summary>The tokens that sampling may choose, most probable first, with probabilities that sum to 1.</summary>
    internal static List<Candidate> Candidates(ReadOnlySpan<float> logits, GenerationOptions options)
    {
        var kept = Kept(logits, options);
        Normalize(logits, options.Temperature, kept);
        if (options.TopP < 1) KeepFirst(kept, NucleusSize(kept, options.TopP));
        if (options.MinP > 0) KeepFirst(kept, kept.Count(c => c.Probability >= options.MinP * kept[0].Probability));
        if (options.TypicalP < 1) KeepTypical(kept, options.TypicalP);
        if (options.EpsilonCutoff > 0) KeepFirst(kept, Math.Max(1, kept.Count(c => c.Probability >= options.EpsilonCutoff)));
        if (options.EtaCutoff > 0)
        {
            var eta = Math.Min(options.EtaCutoff, Math.Sqrt(options.EtaCutoff) * Math.Exp(-Entropy(kept)));
            KeepFirst(kept, Math.Max(1, kept.Count(c => c.Probability >= eta)));
        }
        return kept;
    }

    // One NaN, or a value beyond all others, makes every choice a wrong one.
    private static int ArgMax(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] < float.PositiveInfinity)) throw NotFinite(i, logits[i]);
            if (logits[i] > logits[best]) best = i;
        }
        return logits[best] > float.NegativeInfinity ? best : throw NothingLeft();
    }

    // Ties with the k-th logit stay, as in transformers.
    private static List<Candidate> Kept(ReadOnlySpan<float> logits, GenerationOptions options)
    {
        var threshold = options.TopK > 0 && options.TopK < logits.Length ? KthLargest(logits, options.TopK) : float.NegativeInfinity;
        var kept = new List<Candidate>();
        for (var i = 0; i < logits.Length; i++)
        {
            if (logits[i] >= threshold && logits[i] > float.NegativeInfinity) kept.Add(new Candidate(i, logits[i]));
        }
        kept.Sort((x, y) => x.Probability != y.Probability ? y.Probability.CompareTo(x.Probability) : x.Id.CompareTo(y.Id));
        return kept;
    }

    internal static InvalidOperationException NothingLeft() =>
        new("No token is left to choose: all logits are -inf. Look at the model's weights, or raise NoRepeatNgramSize, or ban fewer tokens (BadWordsIds, SuppressTokens, MinNewTokens).");

    internal static InvalidOperationException NotFinite(int id, float logit) => new(FormattableString.Invariant(
        $"The logit of token {id} is {(float.IsNaN(logit) ? "NaN" : "+inf")}, so that no token can be chosen; look at the model's weights (a training that diverged, a damaged file), or at RepetitionPenalty and LogitBias."));

    private static float KthLargest(ReadOnlySpan<float> logits, int k)
    {
        var smallest = new PriorityQueue<float, float>(k);
        foreach (var logit in logits)
        {
            if (smallest.Count < k) smallest.Enqueue(logit, logit);
            else if (logit > smallest.Peek()) smallest.EnqueueDequeue(logit, logit);
        }
        return smallest.Peek();
    }

    private static void Normalize(ReadOnlySpan<float> logits, double temperature, List<Candidate> kept)
    {
        var highest = logits[kept[0].Id];
        var sum = 0.0;
        for (var i = 0; i < kept.Count; i++)
        {
            var weight = Math.Exp((logits[kept[i].Id] - highest) / temperature);
            sum += weight;
            kept[i] = kept[i] with { Probability = weight };
        }
        for (var i = 0; i < kept.Count; i++) kept[i] = kept[i] with { Probability = kept[i].Probability / sum };
    }

    private static void KeepFirst(List<Candidate> kept, int size)
    {
        kept.RemoveRange(size, kept.Count - size);
        Renormalize(kept);
    }

    private static void Renormalize(List<Candidate> kept)
    {
        var sum = kept.Sum(c => c.Probability);
        for (var i = 0; i < kept.Count; i++) kept[i] = kept[i] with { Probability = kept[i].Probability / sum };
    }

    // Those whose surprise is nearest to the entropy; ties with the last of them stay.
    private static void KeepTypical(List<Candidate> kept, double mass)
    {
        var entropy = Entropy(kept);
        double Distance(Candidate candidate) => Math.Abs(-Math.Log(candidate.Probability) - entropy);
        var (sum, limit) = (0.0, 0.0);
        foreach (var candidate in kept.OrderBy(Distance))
        {
            limit = Distance(candidate);
            sum += candidate.Probability;
            if (sum >= mass) break;
        }
        kept.RemoveAll(candidate => Distance(candidate) > limit);
        Renormalize(kept);
    }

    // What underflowed to 0 adds nothing.
    private static double Entropy(List<Candidate> kept) => -kept.Sum(c => c.Probability > 0 ? c.Probability * Math.Log(c.Probability) : 0);

    // A token goes when it and all less probable ones together have at most 1 - top_p; the most probable always stays.
    private static int NucleusSize(List<Candidate> kept, double topP)
    {
        var tail = 0.0;
        for (var size = kept.Count; size > 1; size--)
        {
            tail += kept[size - 1].Probability;
            if (tail > 1 - topP) return size;
        }
        return 1;
    }
}
