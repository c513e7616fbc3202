namespace MLNet.Dpo.Generation.Constraints;

/// <summary>All places that a document may be in after the bytes that are there.</summary>
/// <param name="frames">The places; none where the bytes begin no valid document.</param>
internal sealed class JsonState(IReadOnlyCollection<Frame> frames)
{
    private readonly JsonState?[] _next = new JsonState?[256];

    /// <summary>The places.</summary>
    internal IReadOnlyCollection<Frame> Frames { get; } = frames;

    /// <summary>Whether the bytes begin no valid document.</summary>
    internal bool IsDead { get; } = frames.Count == 0;

    /// <summary>Whether the document may end here.</summary>
    internal bool IsWhole { get; } = frames.Any(frame => frame.IsWhole);

    /// <summary>Whether it must.</summary>
    internal bool IsOver { get; } = frames.Count > 0 && frames.All(frame => frame is EndFrame);

    /// <summary>The fewest bytes until the document is whole.</summary>
    internal int Least { get; } = frames.Count == 0 ? int.MaxValue : frames.Min(frame => frame.IsWhole ? 0 : frame.Least);

    /// <summary>The tokens that may come; null where that was not asked yet.</summary>
    internal AllowedTokens? Allowed { get; set; }

    /// <summary>The state after one more byte.</summary>
    internal JsonState Next(byte next, Func<HashSet<Frame>, JsonState> known) => _next[next] ??= known([.. Frames.SelectMany(frame => frame.Step(next))]);
}

/// <summary>The tokens that may come in a state.</summary>
/// <param name="Ids">Their ids.</param>
/// <param name="Least">For each the fewest bytes that the document needs after it.</param>
internal sealed record AllowedTokens(int[] Ids, int[] Least);
