using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Grouped-query self-attention: projections, rotary positions, and the batch's attention pattern.</summary>
/// <param name="layer">Index of the layer.</param>
/// <param name="headDim">Width of one head; the projections' widths say how many there are.</param>
/// <param name="settings">Scale, window and soft cap.</param>
/// <param name="rotary">Rotates queries and keys.</param>
/// <param name="q">hidden -> heads · D.</param>
/// <param name="k">hidden -> key-value heads · D.</param>
/// <param name="v">hidden -> key-value heads · D.</param>
/// <param name="o">heads · D -> hidden.</param>
internal sealed class Attention(int layer, long headDim, AttentionSettings settings, RotaryEmbedding rotary, Linear q, Linear k, Linear v, Linear o) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [q, k, v, o];

    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        var rotation = pass.RotationOf(rotary);
        var queries = rotation.Apply(Heads(q.Forward(x)));
        var keys = rotation.Apply(Heads(k.Forward(x)));
        var values = Heads(v.Forward(x));
        return o.Forward(pass.Pattern.Attend(layer, settings, queries, keys, values));
    }

    // [tokens, heads * D] -> [tokens, heads, D]
    private Tensor Heads(Tensor x) => x.view(x.size(0), -1, headDim);
}
