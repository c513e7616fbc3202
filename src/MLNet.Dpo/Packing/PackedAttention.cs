using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>Rows of a sequence that look at a shared prefix and, causally, at their own sequence from its beginning.</summary>
/// <param name="Start">First row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="SequenceStart">First row of the sequence that the rows belong to, at or before <paramref name="Start"/>.</param>
/// <param name="PrefixStart">First row of the prefix.</param>
/// <param name="PrefixRows">Rows of the prefix; 0 when the sequence stands alone.</param>
internal readonly record struct AttentionBlock(int Start, int Rows, int SequenceStart, int PrefixStart, int PrefixRows)
{
    /// <summary>Rows of the own sequence that the block's last row sees.</summary>
    internal int OwnKeys => Start + Rows - SequenceStart;

    /// <summary>Rows that the block's last row sees.</summary>
    internal int Keys => PrefixRows + OwnKeys;
}

/// <summary>Attention over packed rows, block by block.</summary>
internal sealed class PackedAttention : IAttentionPattern, IDisposable
{
    /// <summary>
    /// Longer sequences are cut into blocks of so many rows: a block's keys end with its last row, so that less is computed and kept that the mask throws away.
    /// </summary>
    internal const int MaxBlockRows = 128;

    private readonly IReadOnlyList<AttentionBlock> _blocks;
    private readonly Dictionary<MaskKey, Tensor> _masks = [];

    /// <param name="blocks">All rows, in order.</param>
    /// <param name="lengths">For each row the tokens of its whole sequence.</param>
    internal PackedAttention(IReadOnlyList<AttentionBlock> blocks, IReadOnlyList<int> lengths) => (_blocks, Lengths) = (blocks, lengths);

    public IReadOnlyList<int> Lengths { get; }

    // Blocks of one size share a mask. Without a window, or with one that reaches beyond the keys, Window is Keys.
    private readonly record struct MaskKey(int Rows, int Keys, int Window);

    public Tensor Attend(int layer, AttentionSettings settings, Tensor q, Tensor k, Tensor v)
    {
        var outputs = new List<Tensor>(_blocks.Count);
        foreach (var block in _blocks)
        {
            var first = settings.FirstSeen(block.Keys - block.Rows); // what the block's first row does not see, none of it does
            var keys = block.Keys - first;
            var mask = MaskOf(new MaskKey(block.Rows, keys, Math.Min(settings.Window ?? keys, keys)), q, k);
            outputs.Add(AttendBlock(q.narrow(0, block.Start, block.Rows), Keys(k, block, first), Keys(v, block, first), mask, settings));
        }
        return outputs.Count == 1 ? outputs[0] : cat(outputs, 0);
    }

    public void Dispose()
    {
        foreach (var mask in _masks.Values) mask.Dispose();
    }

    /// <summary>
    /// Attention of one block of rows. Each key-value head serves its group of query heads: the group's queries are laid end to end as if
    /// they were more rows, so that keys and values are neither repeated nor copied.
    /// </summary>
    /// <param name="q">[rows, heads, D].</param>
    /// <param name="k">[keys, key-value heads, D].</param>
    /// <param name="v">[keys, key-value heads, D].</param>
    /// <param name="mask">[group · rows, keys].</param>
    /// <param name="settings">The layer's settings.</param>
    /// <returns>[rows, heads · D].</returns>
    private static Tensor AttendBlock(Tensor q, Tensor k, Tensor v, Tensor mask, AttentionSettings settings)
    {
        var (rows, heads, dim, kvHeads) = (q.size(0), q.size(1), q.size(2), k.size(1));
        var group = heads / kvHeads;
        var queries = q.view(rows, kvHeads, group, dim).transpose(0, 1).transpose(1, 2).reshape(1, kvHeads, group * rows, dim);
        var attended = ScaledDotProduct.Attend(queries, k.transpose(0, 1).unsqueeze(0), v.transpose(0, 1).unsqueeze(0), mask, settings);
        return attended.view(kvHeads, group, rows, dim).transpose(1, 2).transpose(0, 1).reshape(rows, heads * dim); // [kv, group, rows, D] -> [rows, heads * D]
    }

    // The block's keys, prefix and own, without the first ones.
    private static Tensor Keys(Tensor x, AttentionBlock block, int first)
    {
        if (first >= block.PrefixRows) return x.narrow(0, block.SequenceStart + first - block.PrefixRows, block.Keys - first);
        return cat([x.narrow(0, block.PrefixStart + first, block.PrefixRows - first), x.narrow(0, block.SequenceStart, block.OwnKeys)], 0);
    }

    private Tensor MaskOf(MaskKey key, Tensor q, Tensor k)
    {
        if (!_masks.TryGetValue(key, out var mask)) _masks[key] = mask = Mask(key, q.size(1) / k.size(1), q.dtype, q.device);
        return mask;
    }

    // Row i of a block stands at key (keys - rows + i): it sees that one and the (window - 1) before it. 0 there, -inf elsewhere; the same for each query head of a group.
    private static Tensor Mask(MaskKey key, long group, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var (rows, keys, window) = key;
        using Scalar never = float.NegativeInfinity;
        var hidden = full([rows, keys], never, dtype, device);
        var mask = hidden.triu(keys - rows + 1);
        if (window < keys) mask = mask.Plus(hidden.tril(keys - rows - window));
        return mask.unsqueeze(0).expand(group, rows, keys).reshape(group * rows, keys).DetachFromDisposeScope();
    }
}
