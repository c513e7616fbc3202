using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class DataLoaderTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Fact]
    public void Append_Transformer_IsAppliedToWhatIsLoaded()
    {
        IDataLoader<string[]> loader = new WordLoader();
        var longer = loader.Append(new LengthTransformer("Text", "A")).AppendTransformer(new LengthTransformer("Text", "B"));

        Assert.Equal([1, 3], longer.Load(["a", "bcd"]).Column<int>("B"));
        Assert.Equal(["Text", "A", "B"], longer.GetOutputSchema().Select(c => c.Name));
        Assert.Equal(2, longer.Transformer.Count());
        Assert.Same(loader, longer.Loader);
    }

    [Fact]
    public void Append_Estimator_IsFittedToWhatIsLoaded()
    {
        IDataLoader<string[]> loader = new WordLoader();
        var (first, second) = (new LengthEstimator("Text", "A"), new LengthEstimator("Text", "B"));
        var estimator = loader.Append(first).Append(second);
        var fitted = estimator.Fit(["a", "bc", "def"]);

        Assert.Equal(3, second.RowsSeen);
        Assert.NotNull(second.FittedTo!.Schema.GetColumnOrNull("A"));
        Assert.Equal([2], fitted.Load(["xy"]).Column<int>("B"));
        Assert.Equal(["Text"], estimator.GetOutputSchema().Select(c => c.Name));
    }

    [Fact]
    public void Dispose_DisposesTheTransformers()
    {
        var transformer = new LengthTransformer("Text", "A");
        new CompositeDataLoader<string[], LengthTransformer>(new WordLoader(), new TransformerChain<LengthTransformer>(transformer)).Dispose();

        Assert.True(transformer.Disposed);
    }

    [Fact]
    public void Constructor_NoLoader_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => new CompositeDataLoader<string[], ITransformer>(null));
        Assert.Throws<ArgumentNullException>(() => _ml.Model.Save(null, (IDataLoader<string[]>)null!, new MemoryStream()));
    }

    [Fact]
    public void LoadWithDataLoader_SavedWithASchema_Throws()
    {
        var stream = new MemoryStream();
        _ml.Model.Save(new TransformerChain<ITransformer>(), new WordLoader().GetOutputSchema(), stream);
        stream.Position = 0;

        Assert.Throws<InvalidOperationException>(() => _ml.Model.LoadWithDataLoader(stream, out _));
    }

    private sealed class WordLoader : IDataLoader<string[]>
    {
        public DataViewSchema GetOutputSchema() => Load([]).Schema;

        public IDataView Load(string[] input) => new MLContext().Data.LoadFromEnumerable(input.Select(text => new Word { Text = text }));

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException("Outsiders cannot write loaders.");
    }

    private sealed class Word
    {
        public string? Text { get; set; }
    }
}
