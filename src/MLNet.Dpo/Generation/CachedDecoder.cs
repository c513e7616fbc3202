using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Generation;

/// <summary>Sequences that grow side by side: their prompts once, then a token of each at a time.</summary>
internal sealed class CachedDecoder : IDisposable
{
    private readonly CausalLM _model;
    private KeyValueCache _cache;

    /// <summary>Runs the prompts.</summary>
    /// <param name="model">The model, in the adapter state to generate with.</param>
    /// <param name="prompts">Token ids of each, at least one.</param>
    internal CachedDecoder(CausalLM model, IReadOnlyList<int[]> prompts)
    {
        _model = model;
        _cache = new KeyValueCache(model, [.. prompts.Select(p => p.Length)]);
        try
        {
            Logits = Prefill(prompts);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>[rows, vocabulary]: those of the next token of each sequence.</summary>
    internal float[] Logits { get; private set; }

    /// <summary>The logits of one sequence.</summary>
    internal ReadOnlySpan<float> Row(int row) => Logits.AsSpan(row * _model.Config.VocabSize, _model.Config.VocabSize);

    /// <summary>Keeps only the given sequences, in the given order; one may be repeated. <see cref="Logits"/> stay as they were.</summary>
    internal void Select(IReadOnlyList<int> rows) => _cache.Select(rows);

    /// <summary>Adds a token to each sequence.</summary>
    /// <param name="ids">Its id.</param>
    /// <param name="positions">Its place in the sequence, from 0.</param>
    internal void Advance(IEnumerable<int> ids, IEnumerable<int> positions)
    {
        using var scope = NewDisposeScope();
        _cache.Advance();
        var (tokens, places) = (tensor(ids.Select(id => (long)id).ToArray(), device: _model.Device), tensor(positions.Select(p => (float)p).ToArray(), device: _model.Device));
        Logits = Values(_model.Head.Logits(_model.Forward(tokens, places, new DecodeAttention(_cache))));
    }

    /// <summary>Runs the whole sequences anew, where their length changes the frequencies of positions: for a row that has keys of the same ones nothing changes but rounding.</summary>
    internal void Recompute(IReadOnlyList<int[]> sequences)
    {
        _cache.Dispose();
        _cache = new KeyValueCache(_model, [.. sequences.Select(s => s.Length)]);
        Logits = Prefill(sequences);
    }

    public void Dispose() => _cache.Dispose();

    private float[] Prefill(IReadOnlyList<int[]> prompts)
    {
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch([.. prompts.Select(prompt => new TokenGroup(prompt, []))], _model);
        var hidden = _model.Forward(batch.Tokens, batch.Positions, new PrefillAttention(batch, _cache));
        var last = tensor(batch.LastPromptRows.Select(r => (long)r).ToArray(), device: _model.Device);
        return Values(_model.Head.Logits(hidden.index_select(0, last)));
    }

    private static float[] Values(Tensor logits) => logits.to(CPU).contiguous().data<float>().ToArray();
}
