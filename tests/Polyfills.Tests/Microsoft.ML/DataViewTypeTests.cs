using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class DataViewTypeTests
{
    [Fact]
    public void Vector_Size_IsTheProductOfDimensions()
    {
        var matrix = new VectorDataViewType(NumberDataViewType.Single, 2, 3);
        var variable = new VectorDataViewType(NumberDataViewType.Single);
        var partlyVariable = new VectorDataViewType(NumberDataViewType.Single, 0, 3);

        Assert.Equal(6, matrix.Size);
        Assert.True(matrix.IsKnownSize);
        Assert.Equal(typeof(VBuffer<float>), matrix.RawType);
        Assert.Equal(0, variable.Size);
        Assert.False(variable.IsKnownSize);
        Assert.Equal([0], variable.Dimensions.ToArray());
        Assert.False(partlyVariable.IsKnownSize);
    }

    [Fact]
    public void Equals_ComparesStructure()
    {
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 3), new VectorDataViewType(NumberDataViewType.Single, 3));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 3), new VectorDataViewType(NumberDataViewType.Single, 1, 3));
        Assert.NotEqual(new VectorDataViewType(NumberDataViewType.Single, 3), new VectorDataViewType(NumberDataViewType.Double, 3));
        Assert.Equal(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 3ul));
        Assert.NotEqual(new KeyDataViewType(typeof(uint), 3), new KeyDataViewType(typeof(uint), 4));
        Assert.NotEqual<DataViewType>(new KeyDataViewType(typeof(uint), 3), NumberDataViewType.UInt32);
        Assert.False(NumberDataViewType.Single.Equals(NumberDataViewType.Double));
        Assert.True(NumberDataViewType.Single.Equals(NumberDataViewType.Single));
        Assert.Equal(new KeyDataViewType(typeof(uint), 3).GetHashCode(), new KeyDataViewType(typeof(uint), 3).GetHashCode());
    }

    [Fact]
    public void Key_InvalidTypeOrCount_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(int), 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(uint), 0ul));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyDataViewType(typeof(byte), 256));
        Assert.Throws<ArgumentOutOfRangeException>(() => new VectorDataViewType(NumberDataViewType.Single, -1));
        Assert.True(KeyDataViewType.IsValidDataType(typeof(ushort)));
        Assert.False(KeyDataViewType.IsValidDataType(typeof(float)));
    }

    [Fact]
    public void ToString_NamesTheType()
    {
        Assert.Equal("Single", NumberDataViewType.Single.ToString());
        Assert.Equal("String", TextDataViewType.Instance.ToString());
        Assert.Equal("Boolean", BooleanDataViewType.Instance.ToString());
        Assert.Equal("Key<UInt32, 0-4>", new KeyDataViewType(typeof(uint), 5).ToString());
        Assert.Equal("Vector<Single, 3>", new VectorDataViewType(NumberDataViewType.Single, 3).ToString());
        Assert.Equal("Vector<Single>", new VectorDataViewType(NumberDataViewType.Single).ToString());
        Assert.Equal("Vector<Single, 2, *>", new VectorDataViewType(NumberDataViewType.Single, 2, 0).ToString());
    }

    [Fact]
    public void RawType_IsWhatGettersWrite()
    {
        Assert.Equal(typeof(ReadOnlyMemory<char>), TextDataViewType.Instance.RawType);
        Assert.Equal(typeof(bool), BooleanDataViewType.Instance.RawType);
        Assert.Equal(typeof(DataViewRowId), RowIdDataViewType.Instance.RawType);
        Assert.Equal(typeof(ulong), new KeyDataViewType(typeof(ulong), 5).RawType);
    }

    [Fact]
    public void RowId_Mixing_IsTheKnownOne()
    {
        var id = new DataViewRowId(5, 7);

        Assert.Equal("00000000000000070000000000000005", id.ToString());
        Assert.True(id.CompareTo(new DataViewRowId(9, 6)) > 0);
        Assert.Equal(id.Next(), new DataViewRowId(5, 7).Next());
        Assert.NotEqual(id.Next(), id.Fork());
        Assert.Equal("000000173e99df31000000011adce74c", id.Next().ToString());
    }
}
