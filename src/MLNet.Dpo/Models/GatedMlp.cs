using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The gated MLP (GLU variants, arXiv 2002.05202): down(f(gate(x)) · up(x)), SwiGLU where f is SiLU.</summary>
internal sealed class GatedMlp(Linear gate, Linear up, Linear down, Activation activation) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [gate, up, down];

    public Tensor Forward(Tensor x, ForwardPass pass) => down.Forward(activation.Forward(gate.Forward(x)).mul(up.Forward(x)));
}

/// <summary>The same with gate and up in one projection, gate first.</summary>
internal sealed class FusedGatedMlp(Linear gateUp, Linear down, Activation activation) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [gateUp, down];

    public Tensor Forward(Tensor x, ForwardPass pass)
    {
        var parts = gateUp.Forward(x).chunk(2, -1);
        return down.Forward(activation.Forward(parts[0]).mul(parts[1]));
    }
}
