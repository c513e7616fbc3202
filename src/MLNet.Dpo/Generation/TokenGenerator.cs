using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Generation;

/// <summary>A prompt to go on from.</summary>
/// <param name="Tokens">Its token ids, at least one.</param>
/// <param name="First">Number of its first completion among all that are asked for; with the seed it determines each one's random numbers.</param>
internal readonly record struct NumberedPrompt(int[] Tokens, int First);

/// <summary>A completion as tokens.</summary>
/// <param name="Ids">The new tokens, without the stop token.</param>
/// <param name="Reason">Why they end there.</param>
internal readonly record struct GeneratedTokens(int[] Ids, FinishReason Reason)
{
    /// <summary>The id that ended it; null where another reason did.</summary>
    internal int? StopId { get; init; }

    /// <summary>All that the model chose, the stop token too.</summary>
    internal int[] Chosen => StopId is { } stop ? [.. Ids, stop] : Ids;
}

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
    /// <param name="prompts">The prompts.</param>
    /// <param name="samples">Completions of each prompt; the prompt itself runs once.</param>
    /// <param name="poll">Called before every token; it throws where the run shall stop.</param>
    /// <returns>For each prompt in turn its completions.</returns>
    /// <exception cref="ArgumentException">So many completions side by side need more memory than there is.</exception>
    internal IReadOnlyList<GeneratedTokens> Generate(IReadOnlyList<NumberedPrompt> prompts, int samples, Action poll)
    {
        poll();
        RequireMemory((long)prompts.Count * samples, prompts.Max(p => p.Tokens.Length));
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch([.. prompts.Select(prompt => new TokenGroup(prompt.Tokens, []))], model);
        using var cache = new KeyValueCache(model, [.. prompts.Select(p => p.Tokens.Length)]);
        var logits = Prefill(batch, cache);

        var sequences = prompts.SelectMany((prompt, i) => Enumerable.Range(0, samples).Select(sample =>
            new Sequence(prompt.Tokens, i, new Random(unchecked((_seed * 1_000_003) + prompt.First + sample))))).ToList();
        if (samples > 1) cache.Select([.. sequences.Select(s => s.PromptIndex)]);
        Choose(sequences, logits, (sequence, _) => sequence.PromptIndex);
        Decode(sequences, cache, poll);
        return [.. sequences.Select(s => new GeneratedTokens([.. s.Tokens], s.Reason!.Value) { StopId = s.StopId })];
    }

    // Said before it is taken: what asks for too much is ended by the system, without a word.
    private void RequireMemory(long completions, int longest)
    {
        if (model.Device.type != TorchSharp.DeviceType.CPU) return;
        var (need, available) = (completions * KeyValueCache.BytesPerRow(model, longest), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (need > available)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"BatchSize is {options.BatchSize}: the keys and values of {completions} completions side by side, whose longest prompt has {longest} tokens, take {need / 1e9:0.#} GB, and this machine has {available / 1e9:0.#} GB; lower BatchSize."));
        }
    }

    private float[] Prefill(PackedBatch batch, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Forward(batch.Tokens, batch.Positions, new PrefillAttention(batch, cache));
        var last = tensor(batch.LastPromptRows.Select(r => (long)r).ToArray(), device: model.Device);
        return Values(model.Head.Logits(hidden.index_select(0, last)));
    }

    private void Decode(List<Sequence> sequences, KeyValueCache cache, Action poll)
    {
        KeyValueCache? renewed = null;
        try
        {
            while (sequences.Any(s => !s.Done))
            {
                poll();
                sequences = DropFinished(sequences, renewed ?? cache);
                if (sequences.Any(s => !s.Done && s.Length == model.Config.RecomputeLength))
                {
                    renewed?.Dispose();
                    renewed = new KeyValueCache(model, [.. sequences.Select(s => s.Length)]);
                    Choose(sequences, Recompute(sequences, renewed), (_, row) => row);
                }
                else
                {
                    Choose(sequences, Step(sequences, renewed ?? cache), (_, row) => row);
                }
            }
        }
        finally
        {
            renewed?.Dispose();
        }
    }

    // Each sequence's newest token, over the keys and values of all before it.
    private float[] Step(List<Sequence> sequences, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        cache.Advance();
        var tokens = tensor(sequences.Select(s => (long)s.Last).ToArray(), device: model.Device);
        var positions = tensor(sequences.Select(s => (float)(s.Length - 1)).ToArray(), device: model.Device);
        return Values(model.Head.Logits(model.Forward(tokens, positions, new DecodeAttention(cache))));
    }

    // The whole sequences, into an empty cache: for a row that has keys of the same frequencies nothing changes but rounding.
    private float[] Recompute(List<Sequence> sequences, KeyValueCache cache)
    {
        using var batch = new PackedBatch([.. sequences.Select(s => new TokenGroup([.. s.Prompt, .. s.Tokens], []))], model);
        return Prefill(batch, cache);
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
            sequence.Reason = Append(sequence, next);
        }
    }

    // Why the sequence ends with this token; null where it goes on.
    private FinishReason? Append(Sequence sequence, int next)
    {
        if (_stops.Contains(next))
        {
            sequence.StopId = next;
            return FinishReason.Stop;
        }
        sequence.Tokens.Add(next);
        if (isComplete?.Invoke(sequence.Tokens) == true) return FinishReason.Stop;
        if (sequence.Tokens.Count == options.MaxNewTokens) return FinishReason.Length;
        return sequence.Length == model.Config.MaxPositionEmbeddings ? FinishReason.Context : null;
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
        internal FinishReason? Reason { get; set; }
        internal int? StopId { get; set; }
        internal bool Done => Reason is not null;
    }

    private static int InVocabulary(int id, int vocabSize) => id >= 0 && id < vocabSize
        ? id
        : throw new ArgumentException($"StopTokenIds has {id}, but the model's vocabulary is 0 to {vocabSize - 1}; give ids of its tokenizer.");
}
