using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

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

    /// <summary>
    /// Attention of one block of rows. Each key-value head serves its group of query heads: the group's queries are laid end to end as if
    /// they were more rows, so that keys and values are neither repeated nor copied.
    /// </summary>
    /// <param name="q">[rows, heads, D].</param>
    /// <param name="k">[keys, key-value heads, D].</param>
    /// <param name="v">[keys, key-value heads, D].</param>
    /// <param name="mask">Added to the scores: 0 where a row may look, -inf where not; [group · rows, keys].</param>
    /// <returns>[rows, heads · D].</returns>
    internal static Tensor Block(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        var (rows, heads, dim, kvHeads) = (q.size(0), q.size(1), q.size(2), k.size(1));
        var group = heads / kvHeads;
        var queries = q.view(rows, kvHeads, group, dim).transpose(0, 1).transpose(1, 2).reshape(1, kvHeads, group * rows, dim);
        var attended = nn.functional.scaled_dot_product_attention(queries, k.transpose(0, 1).unsqueeze(0), v.transpose(0, 1).unsqueeze(0), mask);
        return attended.view(kvHeads, group, rows, dim).transpose(1, 2).transpose(0, 1).reshape(rows, heads * dim); // [kv, group, rows, D] -> [rows, heads * D]
    }
}
