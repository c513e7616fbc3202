using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// gpt-oss's experts, all in one tensor each, stored as [experts, in, out]: gate and up alternate in one product; down((up + 1) · gate · sigmoid(1.702 · gate)), gate at most 7 and up within ±7.
/// </summary>
/// <param name="gateUp">[experts, hidden, 2 · intermediate].</param>
/// <param name="gateUpBias">[experts, 2 · intermediate].</param>
/// <param name="down">[experts, intermediate, hidden].</param>
/// <param name="downBias">[experts, hidden].</param>
internal sealed class ClampedExperts(Weight gateUp, Weight gateUpBias, Weight down, Weight downBias) : IExperts
{
    /// <summary>Where gate and up are cut.</summary>
    internal const double Limit = 7;

    private static readonly Scalar Most = Limit, Least = -Limit, Slope = 1.702, One = 1;

    public int Count => (int)gateUp.Stored.size(0);

    public Tensor Forward(int expert, Tensor x)
    {
        var both = addmm(gateUpBias.Value.select(0, expert), x, gateUp.Value.select(0, expert), 1, 1).reshape(x.size(0), -1, 2); // [tokens, intermediate, 2]
        var gate = both.select(-1, 0).clamp(null, Most);
        var up = both.select(-1, 1).clamp(Least, Most);
        var inner = gate.mul(gate.mul(Slope).sigmoid()).mul(up.Plus(One));
        return addmm(downBias.Value.select(0, expert), inner, down.Value.select(0, expert), 1, 1);
    }
}
