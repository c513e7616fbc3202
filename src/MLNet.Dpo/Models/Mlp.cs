using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The gated MLP (SwiGLU, arXiv 2002.05202): down(silu(gate(x)) · up(x)).</summary>
internal sealed class Mlp(Linear gate, Linear up, Linear down)
{
    internal IEnumerable<Linear> Projections => [gate, up, down];

    /// <summary>[tokens, hidden] -> [tokens, hidden].</summary>
    internal Tensor Forward(Tensor x) => down.Forward(nn.functional.silu(gate.Forward(x)).mul(up.Forward(x)));
}
