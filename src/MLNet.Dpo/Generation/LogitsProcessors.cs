namespace MLNet.Dpo;

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
        if (options.RepetitionPenalty == 1) return logits;
        var changed = logits.ToArray();
        PenalizeRepetition(changed, [.. prompt, .. generated], (float)options.RepetitionPenalty);
        return changed;
    }

    // Each token of the sequence once, however often it is there (CTRL, arXiv 1909.05858, with the sign's case of transformers).
    private static void PenalizeRepetition(float[] logits, HashSet<int> present, float penalty)
    {
        foreach (var id in present) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
    }
}
