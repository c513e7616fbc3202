using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class DisposeScopeTests
{
    [Fact]
    public void Dispose_FreesWhatWasMadeInside()
    {
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = zeros([1]);
            Assert.Equal(1, scope.DisposablesCount);
            Assert.False(inside.IsInvalid);
        }

        Assert.True(inside.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_OutlivesTheInnerScopeOnly()
    {
        Tensor moved;
        using (var outer = NewDisposeScope())
        {
            using (NewDisposeScope()) moved = zeros([1]).MoveToOuterDisposeScope();
            Assert.False(moved.IsInvalid);
            Assert.Equal(1, outer.DisposablesCount);
        }

        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void MoveToOuter_WithoutAnOuterScope_Detaches()
    {
        Tensor moved;
        using (var scope = NewDisposeScope()) moved = scope.MoveToOuter(zeros([1]));

        Assert.False(moved.IsInvalid);
        moved.Dispose();
    }

    [Fact]
    public void Detach_OutlivesEveryScope()
    {
        Tensor detached;
        using (NewDisposeScope())
        {
            using var inner = NewDisposeScope();
            detached = zeros([1]).DetachFromDisposeScope();
            Assert.Equal(0, inner.DisposablesCount);
        }

        Assert.False(detached.IsInvalid);
        detached.Dispose();
        Assert.True(detached.IsInvalid);
    }

    [Fact]
    public void MoveToOther_SharesTheOthersFate()
    {
        Tensor moved;
        using (NewDisposeScope())
        {
            var other = zeros([1]);
            using (NewDisposeScope()) moved = zeros([1]).MoveToOtherDisposeScope(other);
            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
    }

    [Fact]
    public void Dispose_OfATensorInside_IsSafe()
    {
        using var scope = NewDisposeScope();
        var tensor = zeros([1]);
        tensor.Dispose();
        tensor.Dispose();

        Assert.True(tensor.IsInvalid);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Use_AfterDisposal_Throws()
    {
        var tensor = zeros([1]);
        tensor.Dispose();

        Assert.Throws<InvalidOperationException>(() => tensor.add(1));
    }

    [Fact]
    public void Scopes_BelongToTheirThread()
    {
        using var scope = NewDisposeScope();
        var thread = new Thread(() => zeros([1]).Dispose());
        thread.Start();
        thread.Join();

        Assert.Equal(0, scope.DisposablesCount);
    }
}
