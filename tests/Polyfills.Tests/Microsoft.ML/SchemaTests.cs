using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class SchemaTests
{
    private static DataViewSchema TwoNamedA()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", BooleanDataViewType.Instance);
        return builder.ToSchema();
    }

    [Fact]
    public void Builder_SameNameTwice_HidesTheEarlier()
    {
        var schema = TwoNamedA();

        Assert.Equal(3, schema.Count);
        Assert.True(schema[0].IsHidden);
        Assert.False(schema[2].IsHidden);
        Assert.Equal(2, schema["A"].Index);
        Assert.Equal(BooleanDataViewType.Instance, schema["A"].Type);
        Assert.Equal(["A", "B", "A"], schema.Select(c => c.Name));
    }

    [Fact]
    public void Indexer_Unknown_Throws()
    {
        var schema = TwoNamedA();

        Assert.Throws<ArgumentOutOfRangeException>(() => schema["C"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => schema[3]);
        Assert.Throws<ArgumentNullException>(() => schema[""]);
        Assert.Null(schema.GetColumnOrNull("C"));
    }

    [Fact]
    public void Builder_NoNameOrType_Throws()
    {
        var builder = new DataViewSchema.Builder();

        Assert.Throws<ArgumentNullException>(() => builder.AddColumn("", NumberDataViewType.Single));
        Assert.Throws<ArgumentNullException>(() => builder.AddColumn("A", null));
        Assert.Throws<ArgumentNullException>(() => new DataViewSchema.DetachedColumn("A", null));
    }

    [Fact]
    public void AddColumns_FromSchema_CopiesAll()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(TwoNamedA());
        builder.AddColumns([new DataViewSchema.DetachedColumn(TwoNamedA()["B"])]);
        var schema = builder.ToSchema();

        Assert.Equal(["A", "B", "A", "B"], schema.Select(c => c.Name));
        Assert.Equal(3, schema["B"].Index);
    }

    [Fact]
    public void Annotations_AreReadByKindAndType()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Kind", TextDataViewType.Instance, "Ranking".AsMemory());
        annotations.Add("Names", new VectorDataViewType(NumberDataViewType.Int32, 2), (ref VBuffer<int> dst) => dst = new VBuffer<int>(2, [7, 8]));
        var schemaBuilder = new DataViewSchema.Builder();
        schemaBuilder.AddColumn("A", NumberDataViewType.Single, annotations.ToAnnotations());
        var read = schemaBuilder.ToSchema()["A"].Annotations;

        ReadOnlyMemory<char> kind = default;
        read.GetValue("Kind", ref kind);
        VBuffer<int> names = default;
        read.GetValue("Names", ref names);

        Assert.Equal("Ranking", kind.ToString());
        Assert.Equal([7, 8], names.DenseValues());
        Assert.Equal(["Kind", "Names"], read.Schema.Select(c => c.Name));
        Assert.Throws<InvalidOperationException>(() => read.GetValue("Other", ref kind));
        Assert.Throws<InvalidOperationException>(() => read.GetValue("Names", ref kind));
    }

    [Fact]
    public void Annotations_WrongGetter_Throws()
    {
        var annotations = new DataViewSchema.Annotations.Builder();

        Assert.Throws<ArgumentException>(() => annotations.Add("A", NumberDataViewType.Single, (ref int dst) => dst = 1));
        Assert.Throws<ArgumentException>(() => annotations.AddPrimitiveValue("A", NumberDataViewType.Single, 1));
    }

    [Fact]
    public void Annotations_Selected_AreCopied()
    {
        var source = new DataViewSchema.Annotations.Builder();
        source.AddPrimitiveValue("A", NumberDataViewType.Int32, 1);
        source.AddPrimitiveValue("B", NumberDataViewType.Int32, 2);
        var copy = new DataViewSchema.Annotations.Builder();
        copy.Add(source.ToAnnotations(), kind => kind == "B");
        copy.Add(null, _ => true);
        var read = copy.ToAnnotations();

        var value = 0;
        read.GetValue("B", ref value);

        Assert.Equal(2, value);
        Assert.Equal("B", read.ToString());
    }

    [Fact]
    public void ToString_Column_TellsNameTypeAndAnnotations()
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddPrimitiveValue("Kind", NumberDataViewType.Int32, 1);
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", new VectorDataViewType(TextDataViewType.Instance), annotations.ToAnnotations());
        var schema = builder.ToSchema();

        Assert.Equal("2 columns", schema.ToString());
        Assert.Equal("A: Single", schema[0].ToString());
        Assert.Equal("B: Vector<String> {Kind}", schema[1].ToString());
    }
}
