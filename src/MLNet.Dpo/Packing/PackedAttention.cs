using MLNet.Dpo.Models;
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
    private readonly Dictionary<(int Rows, int Keys), Tensor> _masks = [];

    internal PackedAttention(IReadOnlyList<AttentionBlock> blocks, int queryGroup, Device device)
    {
        _blocks = blocks;
        foreach (var block in blocks)
        {
            var size = (block.Rows, block.Keys);
            if (!_masks.ContainsKey(size)) _masks[size] = CausalMask(block.Rows, block.Keys, queryGroup, device);
        }
    }

    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var outputs = new List<Tensor>(_blocks.Count);
        foreach (var block in _blocks)
            outputs.Add(Attention.Block(q.narrow(0, block.Start, block.Rows), Keys(k, block), Keys(v, block), _masks[(block.Rows, block.Keys)]));
        return outputs.Count == 1 ? outputs[0] : cat(outputs, 0);
    }

    public void Dispose()
    {
        foreach (var mask in _masks.Values) mask.Dispose();
    }

    private static Tensor Keys(Tensor x, AttentionBlock block)
    {
        if (block.PrefixRows == 0) return x.narrow(0, block.SequenceStart, block.OwnKeys);
        return cat([x.narrow(0, block.PrefixStart, block.PrefixRows), x.narrow(0, block.SequenceStart, block.OwnKeys)], 0);
    }

    // Row i of a block sees all keys but the (rows - 1 - i) last ones: 0 there, -inf after. The same for each query head of a group.
    private static Tensor CausalMask(int rows, int keys, int queryGroup, Device device)
    {
        using var scope = NewDisposeScope();
        var mask = full([rows, keys], float.NegativeInfinity, float32, device).triu(keys - rows + 1);
        return mask.unsqueeze(0).expand(queryGroup, rows, keys).reshape(queryGroup * rows, keys).DetachFromDisposeScope();
    }
}
