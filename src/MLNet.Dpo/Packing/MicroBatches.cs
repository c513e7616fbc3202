namespace MLNet.Dpo.Packing;

/// <summary>Splits an optimizer step's examples so that each part fits the memory that a token budget stands for.</summary>
internal static class MicroBatches
{
    /// <summary>Consecutive runs of examples, each of at most <paramref name="maxTokens"/> packed tokens, or of one example that alone has more.</summary>
    internal static IEnumerable<IReadOnlyList<PreferenceExample>> Split(IEnumerable<PreferenceExample> examples, int maxTokens)
    {
        var current = new List<PreferenceExample>();
        var tokens = 0;
        foreach (var example in examples)
        {
            if (current.Count > 0 && tokens + example.PackedTokens > maxTokens)
            {
                yield return current;
                current = [];
                tokens = 0;
            }
            current.Add(example);
            tokens += example.PackedTokens;
        }
        if (current.Count > 0) yield return current;
    }
}
