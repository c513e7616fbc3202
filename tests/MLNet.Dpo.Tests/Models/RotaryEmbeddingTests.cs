using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class RotaryEmbeddingTests
{
    // Base 10000 and 8 dimensions: frequencies 1, 0.1, 0.01, 0.001; wavelengths 6.28, 62.8, 628, 6283 positions.
    private static readonly double[] Plain = [1, 0.1, 0.01, 0.001];

    [Fact]
    public void At_NoScaling_TurnsEachPairByPositionTimesFrequency() => AssertFrequencies(Plain, null);

    [Fact]
    public void At_LinearScaling_DividesEveryFrequency() => AssertFrequencies([0.25, 0.025, 0.0025, 0.00025], new LinearRopeScaling(4));

    // Of 1000 original positions: wavelengths below 1000/4 are kept, above 1000/1 stretched 8 times; 628.3 lies between, (1000/628.3185 - 1)/3 = 0.197183 of
    // it kept: 0.802817 · 0.01/8 + 0.197183 · 0.01 = 0.00297535.
    [Fact]
    public void At_Llama3Scaling_KeepsShortStretchesLongInterpolatesBetween() =>
        AssertFrequencies([1, 0.1, 0.00297535, 0.000125], new Llama3RopeScaling(8, 1, 4, 1000));

    // Of 1000 original positions pairs below 32 turns begin at dimension floor(0.70) = 0 and those below 1 turn at ceil(2.20) = 3: thirds of the way in between.
    [Fact]
    public void At_Yarn_StretchesByARampOfTurnsAndSharpens()
    {
        AssertFrequencies([1, 0.075, 0.005, 0.00025], new YarnRopeScaling(4, 1, 32, 1, Truncate: true, 1000));
        AssertFrequencies([1, 0.099808998, 0.0025, 0.00025], new YarnRopeScaling(4, 1, 16, 2, Truncate: false, 1000));
        using var scope = NewDisposeScope();
        using var rotation = new RotaryEmbedding(new RopeConfig(10000, new YarnRopeScaling(4, 1.5, 32, 1, true, 1000)), 8).At(tensor(new[] { 0f }), ScalarType.Float32);
        Assert.Equal([1.5, 1.5, 1.5, 1.5], rotation.Cos.Values());
    }

    // Alpha 1000 makes the base 10000 · 1000^(8/6) = 10^8.
    [Fact]
    public void At_Alpha_GrowsTheBaseOnce() => AssertFrequencies([1, 0.01, 1e-4, 1e-6], new AlphaRopeScaling(1000));

    // At 24 tokens of 12 the factor 8 makes 8 · 2 - 7 = 9, and the base 10000 · 9^(8/6).
    [Fact]
    public void At_Dynamic_FollowsEachRowsSequence() =>
        AssertFrequenciesByLength(new DynamicRopeScaling(8, 12), (12, [1, 0.1, 0.01, 0.001]), (24, [1, 0.048074988, 0.0023112043, 0.00011111111]), (5, [1, 0.1, 0.01, 0.001]));

    [Fact]
    public void At_LongRope_TakesTheLongFactorsBeyondTheOriginalContext() => AssertFrequenciesByLength(
        new LongRopeScaling(new ValueList<double>([1, 2, 4, 5]), new ValueList<double>([10, 20, 25, 50]), 1, 20),
        (20, [1, 0.05, 0.0025, 0.0002]), (21, [0.1, 0.005, 0.0004, 0.00002]));

    [Fact]
    public void Apply_Interleaved_RotatesNeighboursAndLeavesTheRest()
    {
        using var scope = NewDisposeScope();
        using var rotation = new RotaryEmbedding(new RopeConfig(10000, PartialRotaryFactor: 0.8), 5, RotaryLayout.Interleaved).At(tensor(new[] { 3f }), ScalarType.Float32);
        var rotated = rotation.Apply(tensor(new[] { 1f, 2, 5, 7, 9 }, [1, 1, 5])).Values();

        var (a, b) = (3.0, 0.03); // angles of the pairs (0, 1) and (2, 3)
        double[] expected = [Math.Cos(a) - (2 * Math.Sin(a)), (2 * Math.Cos(a)) + Math.Sin(a), (5 * Math.Cos(b)) - (7 * Math.Sin(b)), (7 * Math.Cos(b)) + (5 * Math.Sin(b)), 9];
        Assert.All(expected.Zip(rotated), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Apply_OneHead_RotatesTheHalvesAgainstEachOther()
    {
        using var scope = NewDisposeScope();
        using var rotation = new RotaryEmbedding(new RopeConfig(10000), 4).At(tensor(new[] { 3f }), ScalarType.Float32);
        var rotated = rotation.Apply(tensor(new[] { 1f, 2, 5, 7 }, [1, 1, 4])).data<float>().ToArray();

        var (a, b) = (3.0, 0.03); // angles of the pairs (0, 2) and (1, 3)
        double[] expected = [Math.Cos(a) - (5 * Math.Sin(a)), (2 * Math.Cos(b)) - (7 * Math.Sin(b)), (5 * Math.Cos(a)) + Math.Sin(a), (7 * Math.Cos(b)) + (2 * Math.Sin(b))];
        Assert.All(expected.Zip(rotated), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Apply_Backward_IsAutogradsOwnHalfByHalf()
    {
        var before = Tensors.Settled();
        using (NewDisposeScope())
        using (var rotation = new RotaryEmbedding(new RopeConfig(10000), 8).At(arange(5, float32), ScalarType.Float64))
        {
            var (x, gradient) = (Tensors.Random(1, [5, 3, 8]).to(float64).requires_grad_(), Tensors.Random(2, [5, 3, 8]).to(float64));
            var rotated = rotation.Apply(x);
            autograd.backward([rotated], [gradient]);
            var actual = x.grad!.Values();
            x.grad = null;
            Tensor first = x.narrow(-1, 0, 4), second = x.narrow(-1, 4, 4);
            var expected = cat([(first * rotation.Cos) - (second * rotation.Sin), (second * rotation.Cos) + (first * rotation.Sin)], -1);
            autograd.backward([expected], [gradient]);
            Assert.Equal(expected.Values(), rotated.Values());
            Assert.Equal(x.grad!.Values(), actual);
        }
        Assert.Equal(before, Tensors.Settled());
    }

    [Fact]
    public void At_NarrowType_RoundsTheTablesButNotTheAngles()
    {
        using var scope = NewDisposeScope();
        var rotary = new RotaryEmbedding(new RopeConfig(10000), 8);
        var positions = tensor(new[] { 4097f }); // bfloat16 would make it 4096
        using var wide = rotary.At(positions, ScalarType.Float32);
        using var narrow = rotary.At(positions, ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, narrow.Cos.dtype);
        Assert.Equal(wide.Cos.to(ScalarType.BFloat16).to(float32).data<float>().ToArray(), narrow.Cos.to(float32).data<float>().ToArray());
    }

    private static void AssertFrequenciesByLength(RopeScaling scaling, params (int Length, double[] Frequencies)[] rows)
    {
        using var scope = NewDisposeScope();
        var positions = tensor(rows.Select(_ => 1f).ToArray());
        using var rotation = new RotaryEmbedding(new RopeConfig(10000, scaling), 8).At(positions, ScalarType.Float32, [.. rows.Select(row => row.Length)]);
        Assert.All(rows.SelectMany(row => row.Frequencies).Zip(rotation.Sin.Values()), pair => Assert.Equal(Math.Sin(pair.First), pair.Second, 1e-6 * pair.First));
    }

    private static void AssertFrequencies(double[] expected, RopeScaling? scaling)
    {
        using var scope = NewDisposeScope();
        using var rotation = new RotaryEmbedding(new RopeConfig(10000, scaling), 8).At(tensor(new[] { 0f, 1 }), ScalarType.Float32);
        var sines = rotation.Sin.data<float>().ToArray(); // [2, 1, 4]
        Assert.Equal([0, 0, 0, 0], sines[..4]);
        Assert.All(expected.Zip(sines[4..]), pair => Assert.Equal(Math.Sin(pair.First), pair.Second, 1e-6 * pair.First));
    }
}
