using MLNet.Dpo.Losses;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Losses;

/// <summary>What holds for every preference loss; the values themselves are held by the golden cases.</summary>
public class PreferenceLossTests
{
    private const double Beta = 0.5;

    public static TheoryData<string> Types => [.. DpoLossType.All.Select(type => type.Name)];

    public static TheoryData<string> SumsOverPairs => [.. DpoLossType.All.Where(type => !type.Has(LossNeeds.WholeStep)).Select(type => type.Name)];

    [Theory]
    [InlineData("sigmoid", 0.69314718055994531)]
    [InlineData("hinge", 1)]
    [InlineData("ipo", 1)]
    [InlineData("robust", 0.69314718055994531)]
    [InlineData("exo_pair", 0.51082562376599072)]
    [InlineData("aot", 0.69314718055994531)]
    [InlineData("aot_unpaired", 0.69314718055994531)]
    [InlineData("simpo", 0.9740769841801067)]
    [InlineData("nca_pair", 1.3862943611198906)]
    [InlineData("bco_pair", 1.3862943611198906)]
    [InlineData("sppo_hard", 2)]
    [InlineData("apo_zero", 1)]
    [InlineData("apo_down", 1)]
    [InlineData("discopop", 0.84657359027997264)]
    [InlineData("sigmoid_norm", 0.69314718055994531)]
    public void Losses_PolicyIsTheReference_IsTheFormulasValueAtZero(string type, double expected) =>
        Assert.Equal(expected, Run(type, [-3], [-4], float64, [-3], [-4]).Losses[0], type == "exo_pair" ? 7 : 14); // whose constants are float32

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_HugeLogRatios_AreFiniteWithTheirGradients(string type)
    {
        double[] ratios = [-1e4, -800, -90, -40, 0, 40, 90, 800, 1e4];
        var chosen = ratios.SelectMany(ratio => Enumerable.Repeat(ratio, ratios.Length)).ToArray();
        var rejected = ratios.SelectMany(_ => ratios).ToArray();
        double?[] taus = type == "discopop" ? [null, 0.5, 1] : [null];
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
    public void Losses_Gradients_AreThoseOfFiniteDifferences(string type)
    {
        const double step = 1e-5;
        double[] chosen = [-2.5, 0.3, 1.7, 6], rejected = [1.1, -0.4, 3.3, -5];
        var run = Run(type, chosen, rejected, float64);
        Assert.All(Differences(chosen, moved => Run(type, moved, rejected, float64).Losses.Sum()).Zip(run.ChosenGradients), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
        Assert.All(Differences(rejected, moved => Run(type, chosen, moved, float64).Losses.Sum()).Zip(run.RejectedGradients), pair => Assert.Equal(pair.First, pair.Second, 1e-7));

        static double[] Differences(double[] values, Func<double[], double> loss) =>
            [.. values.Select((_, i) => (loss(Moved(values, i, step)) - loss(Moved(values, i, -step))) / (2 * step))];

        static double[] Moved(double[] values, int index, double by) => [.. values.Select((value, i) => i == index ? value + by : value)];
    }

    [Fact]
    public void Losses_Aot_ComparesRankWithRank()
    {
        double[] chosen = [3, -1, 2], rejected = [1, 2, -2], referenceChosen = [0.5, 1, -1], referenceRejected = [0.25, -1, 2];
        double[] leads = [-3, 2, 4], referenceLeads = [-3, 0.25, 2]; // sorted
        var expected = leads.Zip(referenceLeads, (a, b) => Math.Log(1 + Math.Exp(-Beta * (a - b)))).ToArray();
        Assert.All(expected.Zip(Run("aot", chosen, rejected, float64, referenceChosen, referenceRejected).Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Parse_UnknownName_ListsTheLosses()
    {
        var error = Assert.Throws<ArgumentException>(() => DpoLossType.Parse("sigmoidal"));
        Assert.Contains("'sigmoidal'; allowed: sigmoid, hinge", error.Message, StringComparison.Ordinal);
        Assert.Same(DpoLossType.ExoPair, DpoLossType.Parse("EXO_pair"));
    }

    [Theory]
    [MemberData(nameof(SumsOverPairs))]
    public void Losses_PairAlone_IsThatOfTheBatch(string type)
    {
        double[] chosen = [-2.5, 0.3, 1.7, 6, 0.2], rejected = [1.1, -0.4, 3.3, -5, 0.2];
        var batch = Run(type, chosen, rejected, float64).Losses;
        Assert.All(Enumerable.Range(0, batch.Length), i => Assert.Equal(batch[i], Run(type, [chosen[i]], [rejected[i]], float64, first: i).Losses[0], 1e-14));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_ReferencesMovedWithThePolicy_AreTheSame(string type)
    {
        double[] chosen = [-2.5, 1.75], rejected = [1.25, -3];
        var apart = Run(type, [.. chosen.Select(ratio => ratio - 64)], [.. rejected.Select(ratio => ratio - 32)], float64, [-64, -64], [-32, -32]);
        Assert.Equal(Run(type, chosen, rejected, float64).Losses, apart.Losses);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Losses_LengthsChanged_MatterToAveragesOnly(string type)
    {
        double[] chosen = [-2.5, 1.75], rejected = [1.25, -3];
        var same = Run(type, chosen, rejected, float64).Losses.SequenceEqual(Run(type, chosen, rejected, float64, first: 3).Losses);
        Assert.Equal(type is not ("ipo" or "sigmoid_norm" or "simpo"), same);
    }

    // Lengths go 1, 2, 3, ... for the chosen and 4, 5, 6, ... for the rejected responses, from the first on.
    private static Outcome Run(
        string type, double[] chosen, double[] rejected, ScalarType precision, double[]? referenceChosen = null, double[]? referenceRejected = null, double? tau = null, int first = 0)
    {
        var options = new DpoTrainer.Options { BaseModel = "none", LossType = DpoLossType.Parse(type), Beta = Beta, DiscopopTau = tau };
        if (type is "robust" or "exo_pair") options.LabelSmoothing = 0.1;
        options.Validate();
        using var scope = NewDisposeScope();
        var (policyChosen, policyRejected) = (tensor(chosen, dtype: precision).requires_grad_(), tensor(rejected, dtype: precision).requires_grad_());
        var losses = options.LossType.Losses(new PairLogps(
            policyChosen, policyRejected, Column(referenceChosen ?? new double[chosen.Length]), Column(referenceRejected ?? new double[chosen.Length]), Lengths(1), Lengths(4)), options.ToSettings().Loss);
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
