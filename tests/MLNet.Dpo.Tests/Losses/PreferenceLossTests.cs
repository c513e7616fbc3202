using MLNet.Dpo.Losses;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Losses;

/// <summary>What holds for every preference loss; the values themselves are held by the golden cases.</summary>
public class PreferenceLossTests
{
    private const double Beta = 0.5;

    public static TheoryData<DpoLossType> Types => [.. Enum.GetValues<DpoLossType>()];

    [Theory]
    [InlineData(DpoLossType.Sigmoid, 0.69314718055994531)]
    [InlineData(DpoLossType.Hinge, 1)]
    [InlineData(DpoLossType.Ipo, 1)]
    [InlineData(DpoLossType.Robust, 0.69314718055994531)]
    [InlineData(DpoLossType.ExoPair, 0.51082562376599072)]
    [InlineData(DpoLossType.NcaPair, 1.3862943611198906)]
    [InlineData(DpoLossType.BcoPair, 1.3862943611198906)]
    [InlineData(DpoLossType.SppoHard, 2)]
    [InlineData(DpoLossType.ApoZero, 1)]
    [InlineData(DpoLossType.ApoDown, 1)]
    [InlineData(DpoLossType.Discopop, 0.84657359027997264)]
    [InlineData(DpoLossType.SigmoidNorm, 0.69314718055994531)]
    public void Losses_PolicyIsTheReference_IsTheFormulasValueAtZero(DpoLossType type, double expected) =>
        Assert.Equal(expected, Run(type, [-3], [-4], float64, [-3], [-4]).Losses[0], type == DpoLossType.ExoPair ? 7 : 14); // whose constants are float32

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_HugeLogRatios_AreFiniteWithTheirGradients(DpoLossType type)
    {
        double[] ratios = [-1e4, -800, -90, -40, 0, 40, 90, 800, 1e4];
        var chosen = ratios.SelectMany(ratio => Enumerable.Repeat(ratio, ratios.Length)).ToArray();
        var rejected = ratios.SelectMany(_ => ratios).ToArray();
        double?[] taus = type == DpoLossType.Discopop ? [null, 0.5, 1] : [null];
        foreach (var precision in new[] { float32, float64 })
        {
            foreach (var tau in taus)
            {
                var run = Run(type, chosen, rejected, precision, tau: tau);
                Assert.All(run.Losses, value => Assert.True(double.IsFinite(value), $"{value}"));
                Assert.All(run.ChosenGradients.Concat(run.RejectedGradients), value => Assert.True(double.IsFinite(value), $"{value}"));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_Gradients_AreThoseOfFiniteDifferences(DpoLossType type)
    {
        const double step = 1e-5;
        double[] chosen = [-2.5, 0.3, 1.7, 6], rejected = [1.1, -0.4, 3.3, -5];
        var run = Run(type, chosen, rejected, float64);
        var byChosen = Difference(Moved(chosen, step), Moved(chosen, -step), c => Run(type, c, rejected, float64).Losses);
        var byRejected = Difference(Moved(rejected, step), Moved(rejected, -step), r => Run(type, chosen, r, float64).Losses);
        Assert.All(byChosen.Zip(run.ChosenGradients), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
        Assert.All(byRejected.Zip(run.RejectedGradients), pair => Assert.Equal(pair.First, pair.Second, 1e-7));

        static double[] Moved(double[] values, double by) => [.. values.Select(value => value + by)];
        static double[] Difference(double[] up, double[] down, Func<double[], double[]> loss) => [.. loss(up).Zip(loss(down), (a, b) => (a - b) / (2 * step))];
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_PairAlone_IsThatOfTheBatch(DpoLossType type)
    {
        double[] chosen = [-2.5, 0.3, 1.7, 6, 0.2], rejected = [1.1, -0.4, 3.3, -5, 0.2];
        var batch = Run(type, chosen, rejected, float64).Losses;
        Assert.All(Enumerable.Range(0, batch.Length), i => Assert.Equal(batch[i], Run(type, [chosen[i]], [rejected[i]], float64, first: i).Losses[0], 1e-14));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_ReferencesMovedWithThePolicy_AreTheSame(DpoLossType type)
    {
        double[] chosen = [-2.5, 1.75], rejected = [1.25, -3];
        var apart = Run(type, [.. chosen.Select(ratio => ratio - 64)], [.. rejected.Select(ratio => ratio - 32)], float64, [-64, -64], [-32, -32]);
        Assert.Equal(Run(type, chosen, rejected, float64).Losses, apart.Losses);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_LengthsChanged_MatterToAveragesOnly(DpoLossType type)
    {
        double[] chosen = [-2.5, 1.75], rejected = [1.25, -3];
        var same = Run(type, chosen, rejected, float64).Losses.SequenceEqual(Run(type, chosen, rejected, float64, first: 3).Losses);
        Assert.Equal(type is not (DpoLossType.Ipo or DpoLossType.SigmoidNorm), same);
    }

    // Lengths go 1, 2, 3, ... for the chosen and 4, 5, 6, ... for the rejected responses, from the first on.
    private static Outcome Run(
        DpoLossType type, double[] chosen, double[] rejected, ScalarType precision, double[]? referenceChosen = null, double[]? referenceRejected = null, double? tau = null, int first = 0)
    {
        var options = new DpoTrainer.Options { BaseModel = "none", LossType = type, Beta = Beta, DiscopopTau = tau };
        if (type is DpoLossType.Robust or DpoLossType.ExoPair) options.LabelSmoothing = 0.1;
        options.Validate();
        using var scope = NewDisposeScope();
        var (policyChosen, policyRejected) = (tensor(chosen, dtype: precision).requires_grad_(), tensor(rejected, dtype: precision).requires_grad_());
        var losses = options.CreateLoss().Losses(new PairLogps(
            policyChosen, policyRejected, Column(referenceChosen ?? new double[chosen.Length]), Column(referenceRejected ?? new double[chosen.Length]), Lengths(1), Lengths(4)));
        losses.sum().backward();
        return new Outcome(Doubles(losses.detach()), Gradient(policyChosen), Gradient(policyRejected));

        Tensor Column(double[] values) => tensor(values, dtype: precision);
        Tensor Lengths(int from) => Column([.. Enumerable.Range(from + first, chosen.Length).Select(length => (double)length)]);
    }

    // A loss may leave one side without a gradient.
    private static double[] Gradient(Tensor policy) => policy.grad is { } gradient ? Doubles(gradient) : new double[policy.shape[0]];

    private static double[] Doubles(Tensor values) => values.to(float64).data<double>().ToArray();

    private sealed record Outcome(double[] Losses, double[] ChosenGradients, double[] RejectedGradients);
}
