using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class VBufferTests
{
    private static VBuffer<int> Sparse() => new(6, 2, [10, 40], [1, 4]);

    [Fact]
    public void Dense_GivesItsValues()
    {
        var buffer = new VBuffer<int>(2, [1, 2, 99]);

        Assert.True(buffer.IsDense);
        Assert.Equal([1, 2], buffer.GetValues().ToArray());
        Assert.True(buffer.GetIndices().IsEmpty);
        Assert.Equal([1, 2], buffer.DenseValues());
        Assert.Equal("Dense vector of size 2", buffer.ToString());
    }

    [Fact]
    public void Sparse_GivesDefaultsBetweenItsValues()
    {
        var buffer = Sparse();

        Assert.False(buffer.IsDense);
        Assert.Equal([0, 10, 0, 0, 40, 0], buffer.DenseValues());
        Assert.Equal([KeyValuePair.Create(1, 10), KeyValuePair.Create(4, 40)], buffer.Items());
        Assert.Equal(6, buffer.Items(all: true).Count());
        Assert.Equal(40, buffer.GetItemOrDefault(4));
        Assert.Equal(0, buffer.GetItemOrDefault(3));
        Assert.Equal("Sparse vector of size 6, 2 explicit values", buffer.ToString());
    }

    [Fact]
    public void Default_IsEmptyAndDense()
    {
        VBuffer<int> buffer = default;

        Assert.Equal(0, buffer.Length);
        Assert.True(buffer.IsDense);
        Assert.True(buffer.GetValues().IsEmpty);
        Assert.Empty(buffer.DenseValues());
    }

    [Fact]
    public void CopyTo_Span_FillsDefaults()
    {
        var target = new int[8];
        Array.Fill(target, -1);
        Sparse().CopyTo(target, 1, defaultValue: 5);

        Assert.Equal([-1, 5, 10, 5, 5, 40, 5, -1], target);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sparse().CopyTo(new int[5]));
    }

    [Fact]
    public void CopyTo_Buffer_ReusesItsMemory()
    {
        VBuffer<int> target = new(10, new int[10]);
        var memory = target.GetValues();
        new VBuffer<int>(3, [1, 2, 3]).CopyTo(ref target);

        Assert.Equal(3, target.Length);
        Assert.True(memory[..3].Overlaps(target.GetValues()));
        Assert.Equal([1, 2, 3], target.DenseValues());
    }

    [Fact]
    public void CopyTo_Range_KeepsSparseness()
    {
        VBuffer<int> target = default;
        Sparse().CopyTo(ref target, 1, 3);
        Assert.False(target.IsDense);
        Assert.Equal([10, 0, 0], target.DenseValues());

        new VBuffer<int>(4, [1, 2, 3, 4]).CopyTo(ref target, 1, 2);
        Assert.True(target.IsDense);
        Assert.Equal([2, 3], target.DenseValues());

        Sparse().CopyToDense(ref target);
        Assert.True(target.IsDense);
        Assert.Equal([0, 10, 0, 0, 40, 0], target.DenseValues());
    }

    [Fact]
    public void Copy_Array_TakesARange()
    {
        VBuffer<int> target = default;
        VBuffer<int>.Copy([1, 2, 3, 4], 1, ref target, 2);

        Assert.Equal([2, 3], target.DenseValues());
    }

    [Fact]
    public void Editor_WritesDenseAndSparse()
    {
        VBuffer<int> buffer = default;
        var editor = VBufferEditor.Create(ref buffer, 3);
        Assert.True(editor.CreatedNewValues);
        editor.Values[0] = 1;
        editor.Values[2] = 3;
        buffer = editor.Commit();
        Assert.Equal([1, 0, 3], buffer.DenseValues());

        editor = VBufferEditor.Create(ref buffer, 5, 2);
        Assert.False(editor.CreatedNewValues);
        editor.Values[0] = 7;
        editor.Indices[0] = 4;
        buffer = editor.CommitTruncated(1);
        Assert.Equal([0, 0, 0, 0, 7], buffer.DenseValues());
    }

    [Fact]
    public void Editor_KeepOldOnResize_KeepsValues()
    {
        var buffer = new VBuffer<int>(2, [1, 2]);
        var editor = VBufferEditor.Create(ref buffer, 4, keepOldOnResize: true);

        Assert.Equal([1, 2, 0, 0], editor.Values.ToArray());
    }

    [Fact]
    public void Constructor_TooFewValues_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(-1, [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 2, [1, 2], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VBuffer<int>(3, 4, [1, 2, 3, 4], [0, 1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sparse().GetItemOrDefault(6));
    }
}
