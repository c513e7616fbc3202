using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class CursorTests
{
    private readonly IDataView _view = new MLContext(seed: 1).Data.LoadFromEnumerable(AllKinds.CreateMany(3));

    [Fact]
    public void IsColumnActive_OnlyForNeededColumns()
    {
        using var cursor = _view.GetRowCursor([_view.Schema["I4"]]);

        Assert.True(cursor.IsColumnActive(_view.Schema["I4"]));
        Assert.False(cursor.IsColumnActive(_view.Schema["R4"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cursor.GetGetter<float>(_view.Schema["R4"]));
    }

    [Fact]
    public void GetGetter_WrongType_Throws()
    {
        using var cursor = _view.GetRowCursor(_view.Schema);

        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<string>(_view.Schema["Text"]));
        Assert.Throws<InvalidOperationException>(() => cursor.GetGetter<float>(_view.Schema["I4"]));
    }

    [Fact]
    public void Position_CountsFromMinusOne()
    {
        using var cursor = _view.GetRowCursor([]);
        var id = cursor.GetIdGetter();
        DataViewRowId value = default;

        Assert.Equal(-1, cursor.Position);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(i, cursor.Position);
            id(ref value);
            Assert.Equal(new DataViewRowId((ulong)i, 0), value);
        }
        Assert.False(cursor.MoveNext());
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void Getter_Vector_ReusesTheCallersBuffer()
    {
        var column = _view.Schema["Fixed"];
        using var cursor = _view.GetRowCursor([column]);
        var getter = cursor.GetGetter<VBuffer<float>>(column);
        VBuffer<float> buffer = default;
        cursor.MoveNext();
        getter(ref buffer);
        var memory = buffer.GetValues();
        cursor.MoveNext();
        getter(ref buffer);

        Assert.True(memory.Overlaps(buffer.GetValues()));
        Assert.Equal([1f, 2f, 3f], buffer.DenseValues());
    }

    [Fact]
    public void GetRowCursorSet_TogetherGivesEachRowOnce()
    {
        var column = _view.Schema["I4"];
        var values = new List<int>();
        foreach (var cursor in _view.GetRowCursorSet([column], 4))
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(column);
                var value = 0;
                while (cursor.MoveNext())
                {
                    getter(ref value);
                    values.Add(value);
                }
            }
        }

        Assert.Equal([-2, -1, 0], values.Order());
    }
}
