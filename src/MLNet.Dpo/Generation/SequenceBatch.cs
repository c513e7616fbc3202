using MLNet.Dpo.Models;

namespace MLNet.Dpo.Generation;

/// <summary>Completions that grow side by side, each by its own settings.</summary>
/// <param name="model">The model, in the adapter state to generate with.</param>
/// <param name="poll">Called before every token; it throws where the run shall stop.</param>
internal sealed class SequenceBatch(CausalLM model, Action poll)
{
    private int Context => model.Config.MaxPositionEmbeddings;

    /// <summary>Lets all of them grow to their ends. Gradients must be off.</summary>
    /// <param name="prompts">The prompts, each of which runs once.</param>
    /// <param name="sequences">Their completions.</param>
    internal void Run(IReadOnlyList<int[]> prompts, List<Sequence> sequences)
    {
        using var decoder = new CachedDecoder(model, prompts);
        if (!sequences.Select(s => s.PromptIndex).SequenceEqual(Enumerable.Range(0, prompts.Count))) decoder.Select([.. sequences.Select(s => s.PromptIndex)]);
        foreach (var sequence in sequences) sequence.Choose(decoder.Row(sequence.PromptIndex), Context);
        while (sequences.Any(s => !s.Done))
        {
            poll();
            sequences = DropFinished(sequences, decoder);
            if (sequences.Any(s => !s.Done && s.Length == model.Config.RecomputeLength)) decoder.Recompute([.. sequences.Select(s => (int[])[.. s.Prompt, .. s.Tokens])]);
            else decoder.Advance(sequences.Select(s => s.Last), sequences.Select(s => s.Length - 1));
            foreach (var (row, sequence) in sequences.Index()) sequence.Choose(decoder.Row(row), Context);
        }
    }

    // Copying the cache costs about as much as a step, so finished rows are carried along until they are half of all.
    private static List<Sequence> DropFinished(List<Sequence> sequences, CachedDecoder decoder)
    {
        var rows = Enumerable.Range(0, sequences.Count).Where(row => !sequences[row].Done).ToList();
        if (rows.Count * 2 > sequences.Count) return sequences;
        decoder.Select(rows);
        return [.. rows.Select(row => sequences[row])];
    }
}
