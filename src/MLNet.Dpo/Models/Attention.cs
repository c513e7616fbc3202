using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Grouped-query self-attention: projections, norms of queries and keys, rotary positions, and the batch's attention pattern.</summary>
/// <param name="layer">Index of the layer.</param>
/// <param name="settings">Scale, window and soft cap.</param>
/// <param name="rotary">Rotates queries and keys; null: the layer knows no positions.</param>
/// <param name="heads">hidden -> queries, keys, values.</param>
/// <param name="o">heads · D -> hidden.</param>
/// <param name="norms">Norms of queries and keys; null for none.</param>
internal sealed class Attention(int layer, AttentionSettings settings, RotaryEmbedding? rotary, IHeadProjections heads, Linear o, QueryKeyNorms? norms = null) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [.. heads.Projections, o];

    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        var (queries, keys, values) = heads.Forward(x);
        if (norms is { AfterRotary: false }) (queries, keys) = (norms.Queries.Forward(queries), norms.Keys.Forward(keys));
        if (rotary is not null)
        {
            var rotation = pass.RotationOf(rotary);
            (queries, keys) = (rotation.Apply(queries), rotation.Apply(keys));
        }
        if (norms is { AfterRotary: true }) (queries, keys) = (norms.Queries.Forward(queries), norms.Keys.Forward(keys));
        return o.Forward(pass.Pattern.Attend(layer, settings, queries, keys, values));
    }
}
