using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>
/// What may come in documents of a schema, token by token. States are found once: in most of them, such as inside of a string, the vocabulary need not be walked again. Used by one thread at a time.
/// </summary>
internal sealed class JsonAutomaton
{
    // Some 32 MB.
    private const int MostTokensKept = 4_000_000, MostStates = 50_000;

    private readonly TokenBytes _tokens;
    private readonly Dictionary<HashSet<Frame>, JsonState> _states = new(HashSet<Frame>.CreateSetComparer());
    private long _tokensKept;

    /// <summary>An automaton.</summary>
    /// <param name="root">What the document is.</param>
    /// <param name="tokens">The vocabulary.</param>
    internal JsonAutomaton(SchemaNode root, TokenBytes tokens)
    {
        _tokens = tokens;
        Start = Known([new ValueFrame(root, false, new EndFrame())]);
    }

    /// <summary>Before the document.</summary>
    internal JsonState Start { get; }

    /// <summary>The state after a token.</summary>
    internal JsonState After(JsonState state, int id)
    {
        foreach (var next in _tokens.Of(id)) state = state.Next(next, Known);
        return state;
    }

    /// <summary>The tokens that may come.</summary>
    internal AllowedTokens Allowed(JsonState state)
    {
        if (state.Allowed is { } known) return known;
        if (_tokensKept > MostTokensKept || _states.Count > MostStates) Forget();
        var (ids, least) = (new List<int>(), new List<int>());
        _tokens.Walk(state, (from, next) => from.Next(next, Known), at => at.IsDead, (id, at) =>
        {
            ids.Add(id);
            least.Add(at.Least);
        });
        _tokensKept += ids.Count;
        return state.Allowed = new AllowedTokens([.. ids], [.. least]);
    }

    private JsonState Known(HashSet<Frame> frames)
    {
        if (_states.TryGetValue(frames, out var known)) return known;
        return _states[frames] = new JsonState(frames);
    }

    // Completions that are under way keep the states that they are in.
    private void Forget()
    {
        foreach (var state in _states.Values) state.Allowed = null;
        _states.Clear();
        _tokensKept = 0;
    }
}
