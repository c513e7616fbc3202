namespace MLNet.Dpo.Text.Tokenization.Patterns;

/// <summary>What becomes of the matches when a text is split by a pattern.</summary>
internal enum SplitBehavior
{
    /// <summary>Matches are left out.</summary>
    Removed,

    /// <summary>Each match is a piece.</summary>
    Isolated,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches are one piece.</summary>
    Contiguous,
}

/// <summary>Cuts a piece at matches.</summary>
internal static class SplitBehaviors
{
    public static SplitBehavior Parse(string? name) => Enum.TryParse<SplitBehavior>(name, out var behavior) && !int.TryParse(name, out _)
        ? behavior
        : throw new InvalidDataException($"tokenizer.json: the split behavior \"{name}\" is unknown; expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous.");

    /// <summary>Adds the parts of <paramref name="piece"/>, empty ones left out.</summary>
    public static void Split(this SplitBehavior behavior, Piece piece, List<(int Start, int End)> matches, bool invert, List<Piece> parts)
    {
        if (behavior == SplitBehavior.Isolated)
        {
            SplitIsolated(piece, matches, parts);
            return;
        }

        foreach (var (start, end, isMatch) in behavior.Merge(Cover(matches, piece.Length, invert)))
        {
            if (end > start && !(isMatch && behavior == SplitBehavior.Removed))
                parts.Add(piece.Slice(start, end - start));
        }
    }

    private static void SplitIsolated(Piece piece, List<(int Start, int End)> matches, List<Piece> parts)
    {
        int at = 0;
        foreach (var (start, end) in matches)
        {
            if (start > at)
                parts.Add(piece.Slice(at, start - at));
            if (end > start)
                parts.Add(piece.Slice(start, end - start));
            at = end;
        }
        if (at < piece.Length)
            parts.Add(piece.Slice(at, piece.Length - at));
    }

    private static List<Stretch> Cover(List<(int Start, int End)> matches, int length, bool invert)
    {
        var stretches = new List<Stretch>();
        int at = 0;
        foreach (var (start, end) in matches)
        {
            if (start > at)
                stretches.Add(new Stretch(at, start, invert));
            stretches.Add(new Stretch(start, end, !invert));
            at = end;
        }
        if (at < length)
            stretches.Add(new Stretch(at, length, invert));
        return stretches;
    }

    private static List<Stretch> Merge(this SplitBehavior behavior, List<Stretch> stretches)
    {
        if (behavior == SplitBehavior.Removed)
            return stretches;

        bool backwards = behavior == SplitBehavior.MergedWithNext;
        if (backwards)
            stretches.Reverse();
        var merged = new List<Stretch>();
        bool afterMatch = false;
        foreach (var stretch in stretches)
        {
            bool joins = behavior == SplitBehavior.Contiguous ? stretch.IsMatch == afterMatch : stretch.IsMatch && !afterMatch;
            if (joins && merged.Count > 0)
                merged[^1] = new Stretch(Math.Min(merged[^1].Start, stretch.Start), Math.Max(merged[^1].End, stretch.End), false);
            else
                merged.Add(stretch with { IsMatch = false });
            afterMatch = stretch.IsMatch;
        }
        if (backwards)
            merged.Reverse();
        return merged;
    }

    private readonly record struct Stretch(int Start, int End, bool IsMatch);
}
