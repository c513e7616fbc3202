using MLNet.Dpo.Models;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class RmsNormTests
{
    [Fact]
    public void Forward_Row_DividesByTheRootMeanSquare()
    {
        using var scope = NewDisposeScope();
        var norm = new RmsNorm(tensor(new[] { 1f, 2, 3 }), eps: 0.5);
        var y = norm.Forward(tensor(new[] { 3f, -4, 5, 0, 0, 0 }, [2, 3])).data<float>().ToArray();

        var root = Math.Sqrt((50 / 3.0) + 0.5);
        Assert.All(new[] { 3 / root, -8 / root, 15 / root, 0, 0, 0 }.Zip(y), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Forward_NarrowType_TakesTheMeanInFloat32()
    {
        using var scope = NewDisposeScope();
        var x = Tensors.Random(7, [2, 4096]) + 1;
        var narrow = x.to(ScalarType.BFloat16);
        var norm = new RmsNorm(ones([4096], ScalarType.BFloat16), eps: 1e-6);

        var y = norm.Forward(narrow);
        var expected = new RmsNorm(ones([4096]), eps: 1e-6).Forward(narrow.to(float32)).to(ScalarType.BFloat16);

        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Assert.Equal(expected.Values(), y.Values());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backward_Float64_IsAutogradsOwn(bool trainsWeight)
    {
        var before = Tensors.Settled();
        using (NewDisposeScope())
        {
            var (x, weight, gradient) = (Leaf(1, [5, 8], true), Leaf(2, [8], trainsWeight), Tensors.Random(3, [5, 8]).to(float64));
            autograd.backward([new RmsNorm(weight, eps: 1e-3).Forward(x)], [gradient]);
            var (actual, actualWeight) = (x.grad!.Values(), weight.grad?.Values());
            (x.grad, weight.grad) = (null, null);
            autograd.backward([x * (x.pow(2).mean([-1], keepdim: true) + 1e-3).rsqrt() * weight], [gradient]);
            AssertClose(x.grad!.Values(), actual);
            Assert.Equal(trainsWeight, actualWeight is not null);
            if (trainsWeight) AssertClose(weight.grad!.Values(), actualWeight!);
        }
        Assert.Equal(before, Tensors.Settled());
    }

    [Fact]
    public void Forward_WithAndWithoutGradients_GivesTheSameBits()
    {
        using var scope = NewDisposeScope();
        var norm = new RmsNorm(Tensors.Random(5, [64]).to(ScalarType.BFloat16), eps: 1e-6);
        var x = Tensors.Random(6, [3, 64]).to(ScalarType.BFloat16);
        Assert.Equal(norm.Forward(x).Values(), norm.Forward(x.detach().requires_grad_()).Values());
    }

    private static Tensor Leaf(int seed, long[] shape, bool trained) => Tensors.Random(seed, shape).to(float64).requires_grad_(trained);

    private static void AssertClose(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
}
