namespace MLNet.Dpo.Generation;

/// <summary>Changes a row of logits by what its sequence holds already, before a token is chosen, as transformers' logits processors do and in their order.</summary>
internal static class LogitsProcessors
{
    /// <summary>The processed logits: the given ones where no processor is on, else a changed copy.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="prompt">The prompt's token ids.</param>
    /// <param name="generated">The token ids that were added to it.</param>
    /// <param name="stops">The ids that end a completion.</param>
    /// <param name="options">Validated settings.</param>
    internal static ReadOnlySpan<float> Apply(ReadOnlySpan<float> logits, int[] prompt, IReadOnlyList<int> generated, IReadOnlyCollection<int> stops, GenerationOptions options)
    {
        if (!Changes(options)) return logits;
        var changed = logits.ToArray();
        int[] sequence = [.. prompt, .. generated];
        foreach (var (id, bias) in options.LogitBias) changed[id] += (float)bias;
        if (options.RepetitionPenalty != 1) PenalizeRepetition(changed, [.. sequence], (float)options.RepetitionPenalty);
        if (options.FrequencyPenalty != 0 || options.PresencePenalty != 0) PenalizeUse(changed, generated, options);
        if (options.NoRepeatNgramSize > 0) BanRepeatedNgrams(changed, sequence, options.NoRepeatNgramSize);
        foreach (var word in options.BadWordsIds) BanRun(changed, sequence, word);
        if (generated.Count < options.MinNewTokens) Ban(changed, stops);
        if (options.ForcedEosTokenId is { } last && generated.Count == options.MaxNewTokens - 1) Force(changed, last);
        Ban(changed, options.SuppressTokens);
        if (generated.Count == 0) Ban(changed, options.BeginSuppressTokens);
        return changed;
    }

    private static bool Changes(GenerationOptions options) =>
        options is not { RepetitionPenalty: 1, NoRepeatNgramSize: 0, FrequencyPenalty: 0, PresencePenalty: 0, LogitBias.Count: 0, BadWordsIds.Count: 0, SuppressTokens.Count: 0, BeginSuppressTokens.Count: 0, MinNewTokens: 0, ForcedEosTokenId: null };

    // Each token of the sequence once, however often it is there (CTRL, arXiv 1909.05858, with the sign's case of transformers).
    private static void PenalizeRepetition(float[] logits, HashSet<int> present, float penalty)
    {
        foreach (var id in present) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
    }

    // OpenAI's: of the completion alone, not of the prompt.
    private static void PenalizeUse(float[] logits, IReadOnlyList<int> generated, GenerationOptions options)
    {
        foreach (var (id, count) in generated.CountBy(id => id)) logits[id] -= (float)((options.FrequencyPenalty * count) + options.PresencePenalty);
    }

    // A token goes when, after the last size - 1 tokens, it would end a run of tokens that is there already.
    private static void BanRepeatedNgrams(float[] logits, ReadOnlySpan<int> sequence, int size)
    {
        if (sequence.Length < size) return;
        var last = sequence[^(size - 1)..];
        for (var start = 0; start + size <= sequence.Length; start++)
        {
            if (sequence.Slice(start, size - 1).SequenceEqual(last)) logits[sequence[start + size - 1]] = float.NegativeInfinity;
        }
    }

    // The run's last token goes where the others are what the sequence ends with.
    private static void BanRun(float[] logits, ReadOnlySpan<int> sequence, IReadOnlyList<int> run)
    {
        if (run.Count > sequence.Length) return;
        var end = sequence[^(run.Count - 1)..];
        for (var i = 0; i < end.Length; i++)
        {
            if (end[i] != run[i]) return;
        }
        logits[run[^1]] = float.NegativeInfinity;
    }

    private static void Ban(float[] logits, IEnumerable<int> ids)
    {
        foreach (var id in ids) logits[id] = float.NegativeInfinity;
    }

    private static void Force(float[] logits, int id)
    {
        Array.Fill(logits, float.NegativeInfinity);
        logits[id] = 0;
    }
}
