using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Makes queries, keys and values of rows.</summary>
internal interface IHeadProjections
{
    /// <summary>The projections inside, in the order in which they run.</summary>
    IEnumerable<Linear> Projections { get; }

    /// <summary>[tokens, hidden] -> [tokens, heads, D] once and [tokens, key-value heads, D] twice.</summary>
    (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x);
}

/// <summary>A projection for each of the three.</summary>
/// <param name="headDim">D; the projections' widths say how many heads there are.</param>
/// <param name="q">hidden -> heads · D.</param>
/// <param name="k">hidden -> key-value heads · D.</param>
/// <param name="v">hidden -> key-value heads · D.</param>
internal sealed class SeparateHeads(long headDim, Linear q, Linear k, Linear v) : IHeadProjections
{
    public IEnumerable<Linear> Projections => [q, k, v];

    public (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x) => (Heads(q.Forward(x)), Heads(k.Forward(x)), Heads(v.Forward(x)));

    // [tokens, heads * D] -> [tokens, heads, D]
    private Tensor Heads(Tensor x) => x.view(x.size(0), -1, headDim);
}

/// <summary>One projection for all three: queries, then keys, then values.</summary>
/// <param name="headDim">D.</param>
/// <param name="heads">Query heads.</param>
/// <param name="keyValueHeads">Key and value heads.</param>
/// <param name="qkv">hidden -> (heads + 2 · key-value heads) · D.</param>
internal sealed class FusedHeads(long headDim, long heads, long keyValueHeads, Linear qkv) : IHeadProjections
{
    public IEnumerable<Linear> Projections => [qkv];

    public (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x)
    {
        var all = qkv.Forward(x).view(x.size(0), -1, headDim); // [tokens, heads + 2 * key-value heads, D]
        return (all.narrow(1, 0, heads), all.narrow(1, heads, keyValueHeads), all.narrow(1, heads + keyValueHeads, keyValueHeads));
    }
}

/// <summary>Norms of queries and keys, of [tokens, heads, D] each.</summary>
/// <param name="Queries">Of the queries.</param>
/// <param name="Keys">Of the keys.</param>
/// <param name="AfterRotary">Whether they see rotated rows.</param>
internal sealed record QueryKeyNorms(INorm Queries, INorm Keys, bool AfterRotary = false);
