using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Polyfills.Tests.TorchSharpPackage;

public sealed class TensorShapeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _rows = tensor([0f, 1, 2, 3, 4, 5], [2, 3]);

    public void Dispose() => _scope.Dispose();

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();

    [Fact]
    public void Views_ShareMemory()
    {
        _rows.view(3, 2).narrow(0, 1, 1).zero_();

        Assert.Equal([0, 1, 0, 0, 4, 5], Values(_rows));
    }

    [Fact]
    public void ShapeFunctions_GiveTheShapesTheySay()
    {
        Assert.Equal([6], _rows.reshape(-1).shape);
        Assert.Equal([3, 2], _rows.t().shape);
        Assert.Equal([3, 2], _rows.transpose(0, 1).shape);
        Assert.Equal([2, 1, 3], _rows.unsqueeze(1).shape);
        Assert.Equal([2, 3], _rows.unsqueeze(1).squeeze(1).shape);
        Assert.Equal([4, 2, 3], _rows.expand(4, 2, 3).shape);
        Assert.Equal([6], _rows.flatten().shape);
        Assert.Equal([3], _rows.select(0, 1).shape);
    }

    [Fact]
    public void View_OfATransposedMatrix_Throws() =>
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => _rows.t().view(6));

    [Fact]
    public void Narrow_AndSelect_TakeAPart()
    {
        Assert.Equal([1, 2, 4, 5], Values(_rows.narrow(1, 1, 2)));
        Assert.Equal([3, 4, 5], Values(_rows.select(0, 1)));
    }

    [Fact]
    public void Split_Sizes_GivesParts()
    {
        var parts = _rows.split([1, 2], 1);

        Assert.Equal(2, parts.Length);
        Assert.Equal([0, 3], Values(parts[0]));
        Assert.Equal([1, 2, 4, 5], Values(parts[1]));
    }

    [Fact]
    public void Cat_AndStack_Join()
    {
        Assert.Equal([4, 3], cat([_rows, _rows], 0).shape);
        Assert.Equal([2, 2, 3], stack([_rows, _rows]).shape);
        Assert.Equal([2, 3, 2], stack([_rows, _rows], -1).shape);
    }

    [Fact]
    public void IndexSelect_AndGather_TakeByIndex()
    {
        Assert.Equal([3, 4, 5, 0, 1, 2], Values(_rows.index_select(0, tensor(new long[] { 1, 0 }))));
        Assert.Equal([2, 3], Values(_rows.gather(1, tensor(new long[] { 2, 0 }, [2, 1]))));
    }

    [Fact]
    public void Where_AndMaskedFill_ChooseByMask()
    {
        var mask = _rows.gt(2);

        Assert.Equal([-1, -1, -1, 3, 4, 5], Values(_rows.where(mask, full([2, 3], -1f))));
        Assert.Equal([0, 1, 2, 9, 9, 9], Values(_rows.masked_fill(mask, 9)));
    }

    [Fact]
    public void TrilAndTriu_KeepATriangle()
    {
        Assert.Equal([0, 0, 0, 3, 4, 0], Values(_rows.tril()));
        Assert.Equal([0, 1, 2, 0, 0, 5], Values(_rows.triu(1)).Zip([0f, 0, 0, 0, 0, 0], (a, b) => a + b).ToArray());
    }

    [Fact]
    public void CloneAndDetach_OneCopiesTheOtherShares()
    {
        _rows.clone().zero_();
        Assert.Equal(1, Values(_rows)[1]);
        _rows.detach().zero_();
        Assert.Equal(0, Values(_rows)[1]);
    }
}
