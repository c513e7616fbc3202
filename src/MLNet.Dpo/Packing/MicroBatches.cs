namespace MLNet.Dpo.Packing;

/// <summary>Splits the groups of a step so that each part fits the memory that a token budget stands for.</summary>
internal static class MicroBatches
{
    /// <summary>
    /// Consecutive runs of groups, each of at most <paramref name="maxTokens"/> packed tokens, or of one group that alone has more, and of at most
    /// <paramref name="maxGroups"/> groups.
    /// </summary>
    internal static IEnumerable<IReadOnlyList<T>> Split<T>(IEnumerable<T> groups, int maxTokens, int maxGroups = int.MaxValue) where T : TokenGroup
    {
        var current = new List<T>();
        var tokens = 0;
        foreach (var group in groups)
        {
            if (current.Count == maxGroups || (current.Count > 0 && tokens + group.PackedTokens > maxTokens))
            {
                yield return current;
                current = [];
                tokens = 0;
            }
            current.Add(group);
            tokens += group.PackedTokens;
        }
        if (current.Count > 0) yield return current;
    }
}
