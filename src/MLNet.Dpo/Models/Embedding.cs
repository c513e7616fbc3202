using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The token embedding.</summary>
/// <param name="weight">[vocabulary, hidden].</param>
internal sealed class Embedding(Tensor weight)
{
    /// <summary>[tokens], int64 -> [tokens, hidden].</summary>
    internal Tensor Forward(Tensor tokens) => weight.index_select(0, tokens);
}
