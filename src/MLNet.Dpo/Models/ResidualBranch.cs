using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>What a layer adds to the residual stream, normalised before it is added.</summary>
internal sealed class NormedBranch(IDecoderModule inner, INorm norm) : IDecoderModule
{
    public IEnumerable<Linear> Projections => inner.Projections;

    public Tensor Forward(Tensor x, ForwardPass pass) => norm.Forward(inner.Forward(x, pass));
}

/// <summary>What a layer adds to the residual stream, times a number.</summary>
internal sealed class ScaledBranch(IDecoderModule inner, double factor) : IDecoderModule
{
    private readonly Scalar _factor = factor; // a Scalar must live as long as TorchSharp's call with it, which does not hold it

    public IEnumerable<Linear> Projections => inner.Projections;

    public Tensor Forward(Tensor x, ForwardPass pass) => inner.Forward(x, pass).mul(_factor);
}
