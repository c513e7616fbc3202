using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class AutogradTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor([2f, 3], requires_grad: true);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Backward_OfAScalar_GivesTheGradientOfItsLeaves()
    {
        _x.square().sum().backward();

        Assert.Equal([4f, 6], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Backward_Twice_SumsGradients()
    {
        _x.sum().backward();
        _x.sum().backward();

        Assert.Equal([2f, 2], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Backward_WithGradients_StartsFromThem()
    {
        autograd.backward([_x * 2.0], [tensor([1f, 10])]);

        Assert.Equal([2f, 20], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Grad_BeforeBackwardAndWhenSetToNull_IsNull()
    {
        Assert.Null(_x.grad);
        _x.sum().backward();
        _x.grad = null;

        Assert.Null(_x.grad);
    }

    [Fact]
    public void Grad_WhenSet_IsAddedTo()
    {
        _x.grad = tensor([1f, 1]);
        _x.sum().backward();

        Assert.Equal([2f, 2], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Grad_IsSharedMemory()
    {
        _x.sum().backward();
        _x.grad!.mul_(5);

        Assert.Equal([5f, 5], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void NoGrad_UntilDisposed_RecordsNothing()
    {
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((_x * 2.0).requires_grad);
            using (enable_grad()) Assert.True((_x * 2.0).requires_grad);
        }

        Assert.True(is_grad_enabled());
        Assert.True((_x * 2.0).requires_grad);
    }

    [Fact]
    public void NoGrad_OnOneThread_LeavesOthersAlone()
    {
        using var off = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();

        Assert.True(elsewhere);
    }

    [Fact]
    public void InPlace_OnALeafUnderNoGrad_ChangesTheParameter()
    {
        using (no_grad()) _x.mul_(2);

        Assert.Equal([4f, 6], _x.detach().data<float>().ToArray());
        Assert.True(_x.requires_grad);
        Assert.True(_x.is_leaf);
    }

    [Fact]
    public void InPlace_OnALeafThatIsTrained_Throws() =>
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => _x.mul_(2));

    [Fact]
    public void Detach_LeavesTheGraph()
    {
        Assert.False((_x * 2.0).detach().requires_grad);
        Assert.False((_x * 2.0).is_leaf);
        Assert.True(zeros([1]).requires_grad_().requires_grad);
    }

    [Fact]
    public void FrozenWeight_GetsNoGradient()
    {
        var weight = ones([2, 2]);
        nn.functional.linear(_x.unsqueeze(0), weight).sum().backward();

        Assert.Null(weight.grad);
        Assert.Equal([2f, 2], _x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void ScaledDotProductAttention_AllMasks_AgreeWithTheFormula()
    {
        var (q, k, v) = (Sequence(1), Sequence(2), Sequence(3));
        var causal = nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true);
        var mask = ones([3, 3], dtype: @bool).tril();
        var asBooleans = nn.functional.scaled_dot_product_attention(q, k, v, mask);
        var asFloats = nn.functional.scaled_dot_product_attention(q, k, v, zeros([3, 3]).masked_fill(mask.logical_not(), float.NegativeInfinity));
        var scores = (q.matmul(k.transpose(-2, -1)) / 2.0).masked_fill(mask.logical_not(), float.NegativeInfinity);
        var expected = scores.softmax(-1).matmul(v);

        foreach (var actual in new[] { causal, asBooleans, asFloats })
            Assert.True((actual - expected).abs().max().item<float>() < 1e-5);
    }

    // [1, 2, 3, 4]: batch, heads, tokens, width
    private static Tensor Sequence(int seed) => arange(24, dtype: float32).mul(seed).sin().view(1, 2, 3, 4);
}
