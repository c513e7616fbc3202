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

    private static void AssertFrequencies(double[] expected, RopeScaling? scaling)
    {
        using var scope = NewDisposeScope();
        using var rotation = new RotaryEmbedding(new RopeConfig(10000, scaling), 8).At(tensor(new[] { 0f, 1 }), ScalarType.Float32);
        var sines = rotation.Sin.data<float>().ToArray(); // [2, 1, 4]
        Assert.Equal([0, 0, 0, 0], sines[..4]);
        Assert.All(expected.Zip(sines[4..]), pair => Assert.Equal(Math.Sin(pair.First), pair.Second, 1e-6 * pair.First));
    }
}
