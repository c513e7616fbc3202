namespace MLNet.Dpo.Generation;

/// <summary>Changes a row of logits by what its sequence holds already, before a token is chosen, as transformers' logits processors do.</summary>
internal static class LogitsProcessors
{
    /// <summary>The processed logits: the given ones where no processor is on, else a changed copy.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="prompt">The prompt's token ids.</param>
    /// <param name="generated">The token ids that were added to it.</param>
    /// <param name="options">Validated settings.</param>
    internal static ReadOnlySpan<float> Apply(ReadOnlySpan<float> logits, int[] prompt, List<int> generated, GenerationOptions options)
    {
        if (options is { RepetitionPenalty: 1, NoRepeatNgramSize: 0 }) return logits;
        var changed = logits.ToArray();
        int[] sequence = [.. prompt, .. generated];
        if (options.RepetitionPenalty != 1) PenalizeRepetition(changed, [.. sequence], (float)options.RepetitionPenalty);
        if (options.NoRepeatNgramSize > 0) BanRepeatedNgrams(changed, sequence, options.NoRepeatNgramSize);
        return changed;
    }

    // Each token of the sequence once, however often it is there (CTRL, arXiv 1909.05858, with the sign's case of transformers).
    private static void PenalizeRepetition(float[] logits, HashSet<int> present, float penalty)
    {
        foreach (var id in present) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
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
}
