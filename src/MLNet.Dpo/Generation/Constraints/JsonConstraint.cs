namespace MLNet.Dpo.Generation.Constraints;

/// <summary>Holds one completion to a schema: only tokens may be chosen after which the text still begins a valid document that can be ended with the tokens that are left.</summary>
/// <param name="automaton">What may come.</param>
internal sealed class JsonConstraint(JsonAutomaton automaton)
{
    private JsonState _state = automaton.Start;

    /// <summary>Whether the document may end where it is.</summary>
    internal bool IsWhole => _state.IsWhole;

    /// <summary>The logits with -inf for all tokens that must not come.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="stops">The ids that end a completion.</param>
    /// <param name="left">How many tokens may still come.</param>
    /// <exception cref="InvalidOperationException">No token may come.</exception>
    internal float[] Apply(ReadOnlySpan<float> logits, IReadOnlySet<int> stops, int left)
    {
        var held = new float[logits.Length];
        Array.Fill(held, float.NegativeInfinity);
        var isPossible = false;
        var (ids, least) = automaton.Allowed(_state);
        for (var i = 0; i < ids.Length; i++)
        {
            // A byte is at most a token.
            if (least[i] > left - 1 || stops.Contains(ids[i])) continue;
            held[ids[i]] = logits[ids[i]];
            isPossible |= logits[ids[i]] > float.NegativeInfinity;
        }
        foreach (var stop in stops)
        {
            if (!_state.IsWhole) continue;
            held[stop] = logits[stop];
            isPossible |= logits[stop] > float.NegativeInfinity;
        }
        if (isPossible) return held;
        throw new InvalidOperationException(_state.Least > left
            ? $"The shortest document of JsonSchema needs up to {_state.Least} tokens more, and {left} may come; raise MaxNewTokens, or give a shorter prompt."
            : "No token can go on with the document that JsonSchema asks for: the tokenizer has none for it, or other options ban it (BadWordsIds, SuppressTokens, NoRepeatNgramSize); ban fewer tokens.");
    }

    /// <summary>Takes the chosen token.</summary>
    /// <returns>Whether the document is whole, and nothing can follow.</returns>
    internal bool Accept(int id)
    {
        _state = automaton.After(_state, id);
        return _state.IsOver;
    }
}
