using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>The MLP without a gate: down(f(up(x))).</summary>
internal sealed class PlainMlp(Linear up, Linear down, Activation activation) : IDecoderModule
{
    public IEnumerable<Linear> Projections => [up, down];

    public Tensor Forward(Tensor x, ForwardPass pass) => down.Forward(activation.Forward(up.Forward(x)));
}
