using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Generation;

/// <summary>Generates token ids for a batch of prompts with a key-value cache. A row's result does not depend on the rows beside it.</summary>
/// <param name="model">The model, in the adapter state to generate with.</param>
/// <param name="options">Sampling settings, validated.</param>
/// <param name="stopIds">Ids that end a completion.</param>
/// <param name="isComplete">Whether a completion ends with its last token, by what it says; null where nothing but ids ends one.</param>
internal sealed class TokenGenerator(CausalLM model, GenerationOptions options, IEnumerable<int> stopIds, Func<IReadOnlyList<int>, bool>? isComplete = null)
{
    private readonly int _seed = options.Seed ?? Random.Shared.Next();
    private readonly HashSet<int> _stops = [.. stopIds, .. options.StopTokenIds.Select(id => InVocabulary(id, model.Config.VocabSize))];

    /// <summary>Completions of one batch of prompts.</summary>
    /// <param name="prompts">Token ids, none empty.</param>
    /// <param name="samples">Completions of each prompt; the prompt itself runs once.</param>
    /// <param name="firstRow">Number of the first completion among all that are asked for; with the seed it determines each one's random numbers.</param>
    /// <param name="cancellation">Checked before every token.</param>
    /// <returns>For each prompt in turn its completions' new tokens, without the stop token.</returns>
    internal IReadOnlyList<int[]> Generate(IReadOnlyList<int[]> prompts, int samples = 1, int firstRow = 0, CancellationToken cancellation = default)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch([.. prompts.Select(prompt => new TokenGroup(prompt, []))], model);
        using var cache = new KeyValueCache(model, [.. prompts.Select(p => p.Length)]);
        var logits = Prefill(batch, cache);

        var sequences = prompts.SelectMany((prompt, i) => Enumerable.Range(0, samples).Select(sample =>
            new Sequence(prompt, i, new Random(unchecked((_seed * 1_000_003) + firstRow + (i * samples) + sample))))).ToList();
        if (samples > 1) cache.Select([.. sequences.Select(s => s.PromptIndex)]);
        Choose(sequences, logits, (sequence, _) => sequence.PromptIndex);
        Decode(sequences, cache, cancellation);
        return [.. sequences.Select(s => s.Tokens.ToArray())];
    }

    private float[] Prefill(PackedBatch batch, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Forward(batch.Tokens, batch.Positions, new PrefillAttention(batch, cache));
        var last = tensor(batch.LastPromptRows.Select(r => (long)r).ToArray(), device: model.Device);
        return Values(model.Head.Logits(hidden.index_select(0, last)));
    }

    private void Decode(List<Sequence> sequences, KeyValueCache cache, CancellationToken cancellation)
    {
        var pattern = new DecodeAttention(cache);
        while (sequences.Any(s => !s.Done))
        {
            cancellation.ThrowIfCancellationRequested();
            sequences = DropFinished(sequences, cache);
            using var scope = NewDisposeScope();
            cache.Advance();
            var tokens = tensor(sequences.Select(s => (long)s.Last).ToArray(), device: model.Device);
            var positions = tensor(sequences.Select(s => (float)(s.Prompt.Length + s.Tokens.Count - 1)).ToArray(), device: model.Device);
            var logits = Values(model.Head.Logits(model.Forward(tokens, positions, pattern)));
            Choose(sequences, logits, (_, row) => row);
        }
    }

    // Copying the cache costs about as much as a step, so finished rows are carried along until they are half of all.
    private static List<Sequence> DropFinished(List<Sequence> sequences, KeyValueCache cache)
    {
        var rows = Enumerable.Range(0, sequences.Count).Where(row => !sequences[row].Done).ToList();
        if (rows.Count * 2 > sequences.Count) return sequences;
        cache.Select(rows);
        return [.. rows.Select(row => sequences[row])];
    }

    private void Choose(List<Sequence> sequences, float[] logits, Func<Sequence, int, int> rowOf)
    {
        var vocabulary = model.Config.VocabSize;
        for (var i = 0; i < sequences.Count; i++)
        {
            var sequence = sequences[i];
            if (sequence.Done) continue;
            var row = logits.AsSpan(rowOf(sequence, i) * vocabulary, vocabulary);
            var next = Sampler.Next(LogitsProcessors.Apply(row, sequence.Prompt, sequence.Tokens, options), options, sequence.Random);
            if (_stops.Contains(next)) sequence.Done = true;
            else sequence.Tokens.Add(next);
            if (sequence.Tokens.Count == options.MaxNewTokens || sequence.Length == model.Config.MaxPositionEmbeddings) sequence.Done = true;
            if (!sequence.Done && isComplete?.Invoke(sequence.Tokens) == true) sequence.Done = true;
        }
    }

    private static float[] Values(Tensor logits) => logits.to(CPU).contiguous().data<float>().ToArray();

    private sealed class Sequence(int[] prompt, int promptIndex, Random random)
    {
        internal int[] Prompt { get; } = prompt;
        internal int PromptIndex { get; } = promptIndex;
        internal Random Random { get; } = random;
        internal List<int> Tokens { get; } = [];
        internal int Last => Tokens.Count > 0 ? Tokens[^1] : 0;
        internal int Length => Prompt.Length + Tokens.Count;
        internal bool Done { get; set; }
    }

    private static int InVocabulary(int id, int vocabSize) => id >= 0 && id < vocabSize
        ? id
        : throw new ArgumentException($"StopTokenIds has {id}, but the model's vocabulary is 0 to {vocabSize - 1}; give ids of its tokenizer.");
}
