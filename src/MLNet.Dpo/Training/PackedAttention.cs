using static TorchSharp.torch;

namespace MLNet.Dpo;

/// <summary>A run of rows that look at a shared prefix and, causally, at themselves.</summary>
/// <param name="Start">First row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="PrefixStart">First row of the prefix.</param>
/// <param name="PrefixRows">Rows of the prefix; 0 when the block stands alone.</param>
internal readonly record struct AttentionBlock(int Start, int Rows, int PrefixStart, int PrefixRows)
{
    internal int Keys => PrefixRows + Rows;
}

/// <summary>Attention over packed rows: block by block, each seeing its prefix and itself.</summary>
internal sealed class PackedAttention : IAttentionPattern, IDisposable
{
    private readonly IReadOnlyList<AttentionBlock> _blocks;
    private readonly Dictionary<(int Rows, int Keys), Tensor> _masks = [];

    internal PackedAttention(IReadOnlyList<AttentionBlock> blocks, Device device)
    {
        _blocks = blocks;
        foreach (var block in blocks)
        {
            var size = (block.Rows, block.Keys);
            if (!_masks.ContainsKey(size)) _masks[size] = CausalMask(block.Rows, block.Keys, device);
        }
    }

    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v)
    {
        var outputs = new List<Tensor>(_blocks.Count);
        foreach (var block in _blocks)
        {
            outputs.Add(Attention.Block(
                q.narrow(0, block.Start, block.Rows).unsqueeze(0),
                Keys(k, block).unsqueeze(0),
                Keys(v, block).unsqueeze(0),
                _masks[(block.Rows, block.Keys)]).squeeze(0));
        }
        return outputs.Count == 1 ? outputs[0] : cat(outputs, 0);
    }

    public void Dispose()
    {
        foreach (var mask in _masks.Values) mask.Dispose();
    }

    private static Tensor Keys(Tensor x, AttentionBlock block)
    {
        if (block.PrefixRows == 0) return x.narrow(0, block.Start, block.Rows);
        if (block.PrefixStart + block.PrefixRows == block.Start) return x.narrow(0, block.PrefixStart, block.Keys);
        return cat([x.narrow(0, block.PrefixStart, block.PrefixRows), x.narrow(0, block.Start, block.Rows)], 0);
    }

    // Row i sees the keys up to prefix + i: 0 there, -inf after.
    private static Tensor CausalMask(int rows, int keys, Device device)
    {
        using var scope = NewDisposeScope();
        return full([rows, keys], float.NegativeInfinity, float32, device).triu(keys - rows + 1).DetachFromDisposeScope();
    }
}
