using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The gated MLP (SwiGLU, arXiv 2002.05202): down(silu(gate(x)) · up(x)).</summary>
internal sealed class GatedMlp(Linear gate, Linear up, Linear down) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [gate, up, down];

    public Tensor Forward(Tensor x, ForwardPass pass) => down.Forward(nn.functional.silu(gate.Forward(x)).mul(up.Forward(x)));
}
