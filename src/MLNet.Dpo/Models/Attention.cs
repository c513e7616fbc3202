using static TorchSharp.torch;

namespace MLNet.Dpo;

/// <summary>Who may look at whom, and where keys and values are kept: the packed rows of a training batch, or a generation's cache.</summary>
internal interface IAttentionPattern
{
    /// <summary>Attends within one layer.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="q">Rotated queries, [tokens, heads, D].</param>
    /// <param name="k">Rotated keys, [tokens, key-value heads, D].</param>
    /// <param name="v">Values, [tokens, key-value heads, D].</param>
    /// <returns>[tokens, heads · D].</returns>
    Tensor Attend(int layer, Tensor q, Tensor k, Tensor v);
}

/// <summary>Grouped-query self-attention: projections, rotary positions, and the batch's attention pattern.</summary>
internal sealed class Attention(DecoderConfig config, int layer, Linear q, Linear k, Linear v, Linear o)
{
    internal IEnumerable<Linear> Projections => [q, k, v, o];

    /// <summary>[tokens, hidden] -> [tokens, hidden].</summary>
    internal Tensor Forward(Tensor x, Rotation rotation, IAttentionPattern pattern)
    {
        var queries = rotation.Apply(Heads(q.Forward(x), config.NumAttentionHeads));
        var keys = rotation.Apply(Heads(k.Forward(x), config.NumKeyValueHeads));
        var values = Heads(v.Forward(x), config.NumKeyValueHeads);
        return o.Forward(pattern.Attend(layer, queries, keys, values));
    }

    // [tokens, heads * D] -> [tokens, heads, D]
    private Tensor Heads(Tensor x, int heads) => x.view(-1, heads, config.HeadDim);

    /// <summary>Attention of one block of rows, each key-value head serving its group of query heads.</summary>
    /// <param name="q">[batch, rows, heads, D].</param>
    /// <param name="k">[batch, keys, key-value heads, D].</param>
    /// <param name="v">[batch, keys, key-value heads, D].</param>
    /// <param name="mask">Added to the scores: 0 where a row may look, -inf where not; [rows, keys] or [batch, 1, rows, keys]; null for no limits.</param>
    /// <returns>[batch, rows, heads · D].</returns>
    internal static Tensor Block(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var (batch, rows, heads, dim) = (q.size(0), q.size(1), q.size(2), q.size(3));
        var attended = nn.functional.scaled_dot_product_attention(q.transpose(1, 2), Expand(k, heads), Expand(v, heads), mask);
        return attended.transpose(1, 2).reshape(batch, rows, heads * dim); // [batch, heads, rows, D] -> [batch, rows, heads * D]
    }

    // [batch, keys, kv, D] -> [batch, heads, keys, D], a view that repeats each key-value head for its group
    private static Tensor Expand(Tensor x, long heads)
    {
        var (batch, keys, kvHeads, dim) = (x.size(0), x.size(1), x.size(2), x.size(3));
        var perHead = x.transpose(1, 2);
        if (kvHeads == heads) return perHead;
        return perHead.unsqueeze(2).expand(batch, kvHeads, heads / kvHeads, keys, dim).reshape(batch, heads, keys, dim);
    }
}
