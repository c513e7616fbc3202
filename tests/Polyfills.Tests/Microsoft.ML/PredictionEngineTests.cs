using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class PredictionEngineTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Predict_GivesTheOutputOfTheExample()
    {
        var transformer = new LengthTransformer("Text", "Length");
        using var engine = _ml.Model.CreatePredictionEngine<Input, Output>(transformer);

        Assert.Equal(3, engine.Predict(new Input { Text = "abc" }).Length);
        Assert.Equal(5, engine.Predict(new Input { Text = "abcde" }).Length);
        Assert.Equal("x", engine.Predict(new Input { Text = "x" }).Text);
        Assert.Equal(3, transformer.Computed);
        Assert.Equal(["Text", "Numbers", "Length"], engine.OutputSchema.Select(c => c.Name));
    }

    [Fact]
    public void Predict_FewerColumnsThanAtTraining_Works()
    {
        var data = _ml.Data.LoadFromEnumerable(AllKinds.CreateMany(3));
        var model = new LengthEstimator("Text", "Length").Append(new LengthEstimator("Text", "Again")).Fit(data);
        using var engine = _ml.Model.CreatePredictionEngine<Input, Output>(model);

        Assert.Equal(2, engine.Predict(new Input { Text = "ab" }).Length);
    }

    [Fact]
    public void Predict_IntoAnObject_ReusesItAndItsArrays()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Input, Output>(new LengthTransformer("Text", "Length"));
        var output = new Output();
        var given = output;
        engine.Predict(new Input { Text = "ab", Numbers = [1, 2] }, ref output);
        var numbers = output.Numbers;
        engine.Predict(new Input { Text = "abc", Numbers = [3, 4] }, ref output);

        Assert.Same(given, output);
        Assert.Equal(3, output.Length);
        Assert.Same(numbers, output.Numbers!);
        Assert.Equal([3, 4], output.Numbers!);

        Output none = null!;
        engine.Predict(new Input { Text = "a" }, ref none);
        Assert.Equal(1, none.Length);
    }

    [Fact]
    public void Create_OutputColumnMissing_ThrowsUnlessIgnored()
    {
        var transformer = new LengthTransformer("Text", "Other");

        using (var engine = _ml.Model.CreatePredictionEngine<Input, Output>(transformer))
            Assert.Equal(0, engine.Predict(new Input { Text = "abc" }).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Input, Output>(transformer, ignoreMissingColumns: false));
    }

    [Fact]
    public void Create_OutputOfAnotherType_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<Input, WrongOutput>(new LengthTransformer("Text", "Length")));
    }

    [Fact]
    public void Create_InputColumnMissing_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Output, Output>(new LengthTransformer("Nothing", "Length")));
    }

    [Fact]
    public void Create_NotRowToRow_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Model.CreatePredictionEngine<Input, Output>(new LengthTransformer("Text", "Length") { IsRowToRowMapper = false }));
        Assert.Throws<ArgumentNullException>(() => _ml.Model.CreatePredictionEngine<Input, Output>(null));
    }

    [Fact]
    public void Create_WithSchema_NeedsAMemberForEachColumn()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Text", TextDataViewType.Instance);
        builder.AddColumn("Numbers", new VectorDataViewType(NumberDataViewType.Int32));
        using (var engine = _ml.Model.CreatePredictionEngine<Input, Output>(new LengthTransformer("Text", "Length"), builder.ToSchema()))
            Assert.Equal(3, engine.Predict(new Input { Text = "abc" }).Length);

        builder.AddColumn("More", NumberDataViewType.Single);
        Assert.Throws<InvalidOperationException>(() => _ml.Model.CreatePredictionEngine<Input, Output>(new LengthTransformer("Text", "Length"), builder.ToSchema()));
    }

    [Fact]
    public void Predict_NullExample_Throws()
    {
        using var engine = _ml.Model.CreatePredictionEngine<Input, Output>(new LengthTransformer("Text", "Length"));

        Assert.Throws<ArgumentNullException>(() => engine.Predict(null!));
    }

    [Fact]
    public void Dispose_DisposesTheTransformerUnlessNotOwned()
    {
        var (owned, borrowed) = (new LengthTransformer("Text", "Length"), new LengthTransformer("Text", "Length"));
        _ml.Model.CreatePredictionEngine<Input, Output>(owned).Dispose();
        _ml.Model.CreatePredictionEngine<Input, Output>(borrowed, new PredictionEngineOptions { OwnsTransformer = false }).Dispose();

        Assert.True(owned.Disposed);
        Assert.False(borrowed.Disposed);
    }

    private sealed class Input
    {
        public string? Text { get; set; }

        [NoColumn]
        public List<int> Ignored { get; } = [];

        public int[]? Numbers { get; set; }
    }

    private sealed class Output
    {
        public string? Text { get; set; }

        public int Length { get; set; }

        public int[]? Numbers { get; set; }
    }

    private sealed class WrongOutput
    {
        public float Length { get; set; }
    }
}
