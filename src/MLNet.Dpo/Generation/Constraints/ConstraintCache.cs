using MLNet.Dpo.DataViews;
using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>What a model has learnt of the schemas that it was last asked for. Used by one thread at a time.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="vocabSize">How many ids it has.</param>
internal sealed class ConstraintCache(ChatTokenizer tokenizer, int vocabSize)
{
    private const int MostSchemas = 8;

    private readonly LinkedList<(string Schema, JsonAutomaton Automaton)> _recent = [];
    private readonly Lazy<TokenBytes> _tokens = new(() => new TokenBytes(tokenizer, vocabSize));

    /// <summary>What holds a completion with these settings; null where nothing does.</summary>
    internal JsonConstraint? Begin(GenerationOptions options)
    {
        if (options.JsonSchema is not { } schema) return null;
        var entry = _recent.FirstOrDefault(entry => entry.Schema == schema);
        if (entry.Automaton is null) entry = (schema, new JsonAutomaton(SchemaGrammar.Parse(schema), _tokens.Value));
        else _recent.Remove(entry);
        _recent.AddFirst(entry);
        if (_recent.Count > MostSchemas) _recent.RemoveLast();
        return new JsonConstraint(entry.Automaton);
    }
}
