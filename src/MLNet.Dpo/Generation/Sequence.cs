using MLNet.Dpo.Generation.Constraints;

namespace MLNet.Dpo.Generation;

/// <summary>A completion that grows.</summary>
/// <param name="prompt">Token ids, at least one.</param>
/// <param name="promptIndex">Which of the batch's prompts it goes on from.</param>
/// <param name="options">How its tokens are chosen, validated.</param>
/// <param name="stops">Ids that end it.</param>
/// <param name="first">Its number among all that are asked for; with the seed it determines the random numbers.</param>
/// <param name="seed">The seed.</param>
internal sealed class Sequence(int[] prompt, int promptIndex, GenerationOptions options, IReadOnlySet<int> stops, int seed, int first)
{
    private readonly Random _random = new(unchecked((seed * 1_000_003) + first));

    internal int[] Prompt { get; } = prompt;

    internal int PromptIndex { get; } = promptIndex;

    /// <summary>Whether it ends with its last token, by what it says; null where nothing but ids ends it.</summary>
    internal Func<IReadOnlyList<int>, bool>? IsComplete { get; init; }

    /// <summary>Holds it to a form; null for none.</summary>
    internal JsonConstraint? Constraint { get; init; }

    /// <summary>Told of each new token.</summary>
    internal Action<Sequence>? Grown { get; init; }

    /// <summary>Whether nobody waits for it any more; asked before each token.</summary>
    internal Func<bool>? IsAbandoned { get; init; }

    /// <summary>Takes what makes it fail; without it that ends the whole batch.</summary>
    internal Action<Exception>? Failed { get; init; }

    /// <summary>The new tokens, without the stop token.</summary>
    internal List<int> Tokens { get; } = [];

    /// <summary>All chosen tokens with their log-probabilities, where these are asked for.</summary>
    internal List<ChosenToken> Logps { get; } = [];

    internal int Last => Tokens.Count > 0 ? Tokens[^1] : 0;

    internal int Length => Prompt.Length + Tokens.Count;

    /// <summary>Why it ended; null while it grows, and where it was abandoned.</summary>
    internal FinishReason? Reason { get; private set; }

    internal int? StopId { get; private set; }

    internal bool Done { get; private set; }

    internal GeneratedTokens Result => new([.. Tokens], Reason!.Value) { StopId = StopId, Logps = Logps };

    /// <summary>Chooses the next token.</summary>
    /// <param name="logits">[vocabulary]: the model's.</param>
    /// <param name="context">The most tokens that the model holds.</param>
    internal void Choose(ReadOnlySpan<float> logits, int context)
    {
        if (Done || (Done = IsAbandoned?.Invoke() == true)) return;
        try
        {
            var processed = LogitsProcessors.Apply(logits, Prompt, Tokens, stops, options);
            if (Constraint is not null) processed = Constraint.Apply(processed, stops, Math.Min(options.MaxNewTokens - Tokens.Count, context - Length));
            var next = Sampler.Next(processed, options, _random);
            if (options.TopLogps is { } top) Logps.Add(ChosenToken.Of(logits, next, top));
            Reason = Append(next, context);
            Done = Reason is not null;
            Grown?.Invoke(this);
        }
        catch (Exception e) when (Failed is not null)
        {
            Done = true;
            Failed(e);
        }
    }

    // Why it ends with this token; null where it goes on.
    private FinishReason? Append(int next, int context)
    {
        if (stops.Contains(next))
        {
            StopId = next;
            return FinishReason.Stop;
        }
        Tokens.Add(next);
        if (Constraint?.Accept(next) == true | IsComplete?.Invoke(Tokens) == true) return FinishReason.Stop;
        FinishReason? end = Tokens.Count == options.MaxNewTokens ? FinishReason.Length : Length == context ? FinishReason.Context : null;
        return end is not null && Constraint?.IsWhole == true ? FinishReason.Stop : end;
    }
}
