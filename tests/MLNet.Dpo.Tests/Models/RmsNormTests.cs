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
}
