using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class TensorMathTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    private static Tensor Matrix => tensor([1f, 2, 3, 4], [2, 2]);

    private static void AssertValues(float[] expected, Tensor actual)
    {
        var values = actual.contiguous().to(float32).data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], values[i], 1e-5f * MathF.Max(1, MathF.Abs(expected[i])));
    }

    [Fact]
    public void Operators_WithTensorsAndNumbers_AreElementwise()
    {
        AssertValues([2, 4, 6, 8], Matrix + Matrix);
        AssertValues([0, 1, 2, 3], Matrix - 1.0);
        AssertValues([0, -1, -2, -3], 1.0 - Matrix);
        AssertValues([2, 4, 6, 8], 2.0 * Matrix);
        AssertValues([1, 4, 9, 16], Matrix * Matrix);
        AssertValues([0.5f, 1, 1.5f, 2], Matrix / 2.0);
        AssertValues([1, 1, 1, 1], Matrix / Matrix);
        AssertValues([-1, -2, -3, -4], -Matrix);
    }

    [Fact]
    public void PointwiseFunctions_GiveKnownValues()
    {
        var x = tensor([1f, 4]);
        AssertValues([MathF.E, MathF.Exp(4)], x.exp());
        AssertValues([0, MathF.Log(4)], x.log());
        AssertValues([1, 2], x.sqrt());
        AssertValues([1, 0.5f], x.rsqrt());
        AssertValues([MathF.Cos(1), MathF.Cos(4)], x.cos());
        AssertValues([MathF.Sin(1), MathF.Sin(4)], x.sin());
        AssertValues([1, 16], x.square());
        AssertValues([1, 64], x.pow(3));
        AssertValues([1, 4], x.neg().abs());
        AssertValues([0, 0], x.neg().relu());
        AssertValues([0.5f], zeros([1]).sigmoid());
    }

    [Fact]
    public void Products_OfMatrices_GiveKnownValues()
    {
        AssertValues([7, 10, 15, 22], Matrix.matmul(Matrix));
        AssertValues([7, 10, 15, 22], Matrix.mm(Matrix));
        AssertValues([7, 10, 15, 22], Matrix.unsqueeze(0).bmm(Matrix.unsqueeze(0)));
        AssertValues([14.5f, 21, 31.5f, 46], Matrix.addmm(Matrix, Matrix, 0.5f, 2));
        AssertValues([3, 4, 6, 8], outer(tensor([1f, 2]), tensor([3f, 4])));
    }

    [Fact]
    public void Reductions_AlongDimensions_GiveKnownValues()
    {
        AssertValues([10], Matrix.sum());
        AssertValues([4, 6], Matrix.sum(0L)); // a plain 0 would be taken for a ScalarType
        Assert.Equal([2, 1], Matrix.sum(-1, keepdim: true).shape);
        AssertValues([2.5f], Matrix.mean());
        AssertValues([1.5f, 3.5f], Matrix.mean([-1]));
        AssertValues([4], Matrix.max());
        Assert.Equal([1L, 1], Matrix.argmax(-1).data<long>().ToArray());
        AssertValues([MathF.Sqrt(30)], Matrix.norm());
        Assert.True(Matrix.isfinite().all().item<bool>());
    }

    [Fact]
    public void Argmax_OfEqualValues_IsTheFirst() => Assert.Equal(0, zeros([3]).argmax(-1).item<long>());

    [Fact]
    public void Softmax_AndItsLogarithm_SumToOne()
    {
        AssertValues([1, 1], Matrix.softmax(-1).sum(-1));
        AssertValues([1, 1], Matrix.log_softmax(-1).exp().sum(-1));
        AssertValues([2 + MathF.Log(1 + MathF.Exp(-1)), 4 + MathF.Log(1 + MathF.Exp(-1))], Matrix.logsumexp(-1));
        Assert.Equal([2, 1], Matrix.logsumexp(-1, keepdim: true).shape);
    }

    [Fact]
    public void Comparisons_GiveBooleans()
    {
        Assert.Equal(@bool, Matrix.gt(2).dtype);
        AssertValues([0, 0, 1, 1], Matrix.gt(2));
        AssertValues([1, 1, 1, 1], Matrix.eq(Matrix));
        AssertValues([1, 1, 0, 0], Matrix.gt(2).logical_not());
    }

    [Fact]
    public void InPlaceFunctions_ChangeTheTensorAndGiveItBack()
    {
        var x = tensor([1f, 2]);

        Assert.Same(x, x.add_(1));
        AssertValues([2, 3], x);
        AssertValues([6, 9], x.add_(x, 2));
        AssertValues([3, 4.5f], x.div_(2));
        AssertValues([6, 9], x.mul_(2));
        AssertValues([0, 0], x.sub_(x.clone()));
        AssertValues([8, 8], x.fill_(8));
        AssertValues([10, 12], x.addcmul_(tensor([1f, 2]), tensor([1f, 1]), 2));
        AssertValues([10.5f, 13], x.addcdiv_(tensor([1f, 2]), tensor([1f, 1]), 0.5));
        AssertValues([3, 4], x.copy_(tensor([3f, 4])));
        AssertValues([MathF.Exp(3), MathF.Exp(4)], x.exp_());
        AssertValues([0, 0], x.zero_());
    }

    [Fact]
    public void AddmmInPlace_BetaAndAlpha_WeighBothSides() =>
        AssertValues([14.5f, 21, 31.5f, 46], Matrix.addmm_(Matrix, Matrix, 0.5f, 2));

    [Fact]
    public void IndexAddInPlace_RepeatedIndices_Sum() =>
        AssertValues([0, 6], zeros([2]).index_add_(0, tensor(new long[] { 1, 1 }), tensor([1f, 2]), 2));

    [Fact]
    public void Functional_Activations_GiveKnownValues()
    {
        AssertValues([0, 1 / (1 + MathF.Exp(-1))], nn.functional.silu(tensor([0f, 1])));
        AssertValues([0, 1 / (1 + MathF.Exp(-1))], nn.functional.silu(tensor([0f, 1]), inplace: true));
        AssertValues([MathF.Log(0.5f)], nn.functional.logsigmoid(zeros([1])));
    }

    [Fact]
    public void Functional_Linear_TransposesTheWeightAndAddsTheBias()
    {
        AssertValues([5, 11, 11, 25], nn.functional.linear(Matrix, Matrix));
        AssertValues([6, 13, 12, 27], nn.functional.linear(Matrix, Matrix, tensor([1f, 2])));
    }

    // Not by matmul: TorchSharp 0.102 does not catch what libtorch throws there.
    [Fact]
    public void MatrixProduct_ShapesThatDoNotFit_ThrowsExternalException() =>
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => zeros([2, 3]).mm(zeros([2, 3])));
}
