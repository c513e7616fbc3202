using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class EnumerableTests
{
    private readonly MLContext _ml = new(seed: 1);

    private IDataView Load(int count = 4) => _ml.Data.LoadFromEnumerable(AllKinds.CreateMany(count));

    [Fact]
    public void LoadFromEnumerable_Members_BecomeColumns()
    {
        string[] expected =
        [
            "Text: String", "Memory: String", "Flag: Boolean", "I1: SByte", "U1: Byte", "I2: Int16", "U2: UInt16", "I4: Int32", "U4: UInt32", "I8: Int64", "U8: UInt64",
            "R4: Single", "R8: Double", "Texts: Vector<String>", "Numbers: Vector<Int32>", "Fixed: Vector<Single, 3>", "Matrix: Vector<Double, 2, 2>", "Buffer: Vector<Single>",
            "Key: Key<UInt32, 0-4>", "Renamed: Int32",
        ];

        Assert.Equal(expected.Order(), Load().Schema.Select(c => c.ToString()).Order());
    }

    [Fact]
    public void LoadFromEnumerable_Order_IsFieldsThenProperties()
    {
        var names = Load().Schema.Select(c => c.Name).ToArray();

        Assert.Equal("Memory", names[0]);
        Assert.Equal("Text", names[^1]);
    }

    [Fact]
    public void LoadFromEnumerable_Values_AreTheMembers()
    {
        var view = Load();

        Assert.Equal(["text 0", "text 1", "text 2", "text 3"], view.Column<ReadOnlyMemory<char>>("Text").Select(t => t.ToString()));
        Assert.Equal([0f, 0.5f, 1f, 1.5f], view.Column<float>("R4"));
        Assert.Equal([0ul, 1ul, 2ul, 3ul], view.Column<ulong>("U8"));
        Assert.Equal([0, 10, 20, 30], view.Column<int>("Renamed"));
    }

    [Fact]
    public void LoadFromEnumerable_Keys_AreOneBasedAndOutOfRangeIsMissing()
    {
        Assert.Equal([1u, 2u, 3u, 4u, 5u, 0u, 0u], Load(7).Column<uint>("Key"));
    }

    [Fact]
    public void LoadFromEnumerable_NullTextOrArray_IsEmpty()
    {
        var view = _ml.Data.LoadFromEnumerable([new AllKinds(), new AllKinds { Texts = [null!, "b"] }]);

        Assert.True(view.Column<ReadOnlyMemory<char>>("Text")[0].IsEmpty);
        Assert.Equal(0, view.Column<VBuffer<int>>("Numbers")[0].Length);
        Assert.Equal(["", "b"], view.Column<VBuffer<ReadOnlyMemory<char>>>("Texts")[1].DenseValues().Select(t => t.ToString()));
    }

    [Fact]
    public void LoadFromEnumerable_IsLazyAndEnumeratesForEachCursor()
    {
        var enumerated = 0;
        IEnumerable<AllKinds> Rows()
        {
            enumerated++;
            yield return AllKinds.Create(0);
        }

        var view = _ml.Data.LoadFromEnumerable(Rows());
        Assert.Equal(0, enumerated);
        Assert.Null(view.GetRowCount());
        view.Column<int>("I4");
        view.Column<int>("I4");

        Assert.Equal(2, enumerated);
        Assert.Equal(4, Load().GetRowCount());
        Assert.False(view.CanShuffle);
    }

    [Fact]
    public void LoadFromEnumerable_NullRow_Throws()
    {
        var view = _ml.Data.LoadFromEnumerable(new AllKinds[] { null! });

        Assert.Throws<InvalidOperationException>(() => view.Column<int>("I4"));
        Assert.Throws<ArgumentNullException>(() => _ml.Data.LoadFromEnumerable<AllKinds>(null));
    }

    [Fact]
    public void CreateEnumerable_RoundTrips()
    {
        var rows = _ml.Data.CreateEnumerable<AllKinds>(Load(), reuseRowObject: false).ToArray();

        Assert.Equal(4, rows.Length);
        var (actual, expected) = (rows[3], AllKinds.Create(3));
        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal("memory 3", actual.Memory.ToString());
        Assert.True(actual.Flag);
        Assert.Equal(-3, actual.I1);
        Assert.Equal(1.5f, actual.R4);
        Assert.Equal(["3.0", "3.1", "3.2"], actual.Texts!);
        Assert.Equal([0, 1, 2], actual.Numbers!);
        Assert.Equal([3f, 4f, 5f], actual.Fixed!);
        Assert.Equal([0f, 0f, 3f, 0f], actual.Buffer.DenseValues());
        Assert.Equal(4u, actual.Key);
        Assert.Equal(30, actual.Original);
        Assert.Equal(0, actual.Ignored);
    }

    [Fact]
    public void CreateEnumerable_ReuseRowObject_GivesOneObject()
    {
        var reused = _ml.Data.CreateEnumerable<AllKinds>(Load(), reuseRowObject: true).ToArray();
        var fresh = _ml.Data.CreateEnumerable<AllKinds>(Load(), reuseRowObject: false).ToArray();

        Assert.Same(reused[0], reused[3]);
        Assert.NotSame(fresh[0], fresh[3]);
        Assert.NotSame(fresh[0].Fixed, fresh[3].Fixed);
    }

    [Fact]
    public void CreateEnumerable_MissingColumn_ThrowsUnlessIgnored()
    {
        var view = _ml.Data.LoadFromEnumerable([new OnlyText { Text = "a" }]);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.CreateEnumerable<TextAndScore>(view, false).ToArray());
        var row = _ml.Data.CreateEnumerable<TextAndScore>(view, false, ignoreMissingColumns: true).Single();
        Assert.Equal("a", row.Text);
        Assert.Equal(0, row.Score);
    }

    [Fact]
    public void CreateEnumerable_WrongType_Throws()
    {
        var view = _ml.Data.LoadFromEnumerable([new TextScore { Score = "a" }]);

        Assert.Throws<InvalidOperationException>(() => _ml.Data.CreateEnumerable<TextAndScore>(view, false, ignoreMissingColumns: true).ToArray());
    }

    [Fact]
    public void LoadFromEnumerable_UnsupportedMember_Throws()
    {
        Assert.ThrowsAny<ArgumentException>(() => _ml.Data.LoadFromEnumerable([new WithList()]));
    }

    [Fact]
    public void SchemaDefinition_OverridesNamesTypesAndAnnotations()
    {
        var definition = SchemaDefinition.Create(typeof(OnlyNumbers));
        definition["Numbers"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition["Numbers"].AddAnnotation("Kind", 7, NumberDataViewType.Int32);
        definition["Numbers"].ColumnName = "Features";
        var view = _ml.Data.LoadFromEnumerable([new OnlyNumbers { Numbers = [1, 2] }], definition);

        var column = view.Schema["Features"];
        var kind = 0;
        column.Annotations.GetValue("Kind", ref kind);
        Assert.Equal(7, kind);
        Assert.Equal(2, ((VectorDataViewType)column.Type).Size);
        Assert.Null(definition["Numbers"]);
    }

    [Fact]
    public void SchemaDefinition_WrongType_Throws()
    {
        var definition = SchemaDefinition.Create(typeof(OnlyNumbers));
        definition["Numbers"].ColumnType = NumberDataViewType.Single;

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.LoadFromEnumerable([new OnlyNumbers()], definition));
    }

    [Fact]
    public void LoadFromEnumerable_WithSchema_TakesItsTypes()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Numbers", new VectorDataViewType(NumberDataViewType.Single, 2));
        var view = _ml.Data.LoadFromEnumerable([new OnlyNumbers { Numbers = [1, 2] }], builder.ToSchema());
        Assert.Equal(2, ((VectorDataViewType)view.Schema["Numbers"].Type).Size);

        builder.AddColumn("Other", NumberDataViewType.Single);
        Assert.Throws<InvalidOperationException>(() => _ml.Data.LoadFromEnumerable([new OnlyNumbers()], builder.ToSchema()));
    }

    private sealed class OnlyText
    {
        public string? Text { get; set; }
    }

    private sealed class TextAndScore
    {
        public string? Text { get; set; }

        public float Score { get; set; }
    }

    private sealed class TextScore
    {
        public string? Score { get; set; }
    }

    private sealed class OnlyNumbers
    {
        public float[]? Numbers { get; set; }
    }

    private sealed class WithList
    {
        public List<int>? Numbers { get; set; }
    }
}
