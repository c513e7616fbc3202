using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// A part of the decoder that takes rows to rows: a whole layer, or what a layer adds to the residual stream (attention, MLP). Which norms
/// stand where, and in which order the parts run, is the layer's own affair: another arrangement is another class.
/// </summary>
internal interface IDecoderModule
{
    /// <summary>The projections inside, in the order in which they run; adapters sit in them.</summary>
    IEnumerable<Linear> Projections { get; }

    /// <summary>[tokens, hidden] -> [tokens, hidden].</summary>
    Tensor Forward(Tensor x, ForwardPass pass);
}
