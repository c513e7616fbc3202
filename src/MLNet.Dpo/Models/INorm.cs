using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A normalisation over the last dimension.</summary>
internal interface INorm
{
    /// <summary>[tokens, hidden] -> [tokens, hidden], of the same type; statistics are in float32.</summary>
    Tensor Forward(Tensor x);
}
