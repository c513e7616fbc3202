using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class PipelineTests
{
    private readonly MLContext _ml = new(seed: 1);

    private IDataView Load() => _ml.Data.LoadFromEnumerable(AllKinds.CreateMany(4));

    [Fact]
    public void EstimatorChain_Fit_FitsEachToTheFormersOutput()
    {
        var (first, second) = (new LengthEstimator("Text", "A"), new LengthEstimator("Memory", "B"));
        var model = first.Append(second).Fit(Load());

        Assert.Null(first.FittedTo!.Schema.GetColumnOrNull("A"));
        Assert.NotNull(second.FittedTo!.Schema.GetColumnOrNull("A"));
        Assert.Equal([6, 6, 6, 6], model.Transform(Load()).Column<int>("A"));
        Assert.Equal([8, 8, 8, 8], model.Transform(Load()).Column<int>("B"));
        Assert.IsType<LengthTransformer>(model.LastTransformer);
        Assert.Equal(2, model.Count());
    }

    [Fact]
    public void EstimatorChain_Fit_ChecksSchemasBeforeFitting()
    {
        var first = new LengthEstimator("Text", "A");
        var chain = first.Append(new LengthEstimator("Nothing", "B"));

        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Fit(Load()));
        Assert.Null(first.FittedTo);
    }

    [Fact]
    public void EstimatorChain_Append_LeavesTheOldChainAlone()
    {
        var chain = new EstimatorChain<ITransformer>().Append(new LengthEstimator("Text", "A"));
        var longer = chain.Append(new LengthEstimator("Text", "B"));

        Assert.Single(chain.Fit(Load()));
        Assert.Equal(2, longer.Fit(Load()).Count());
        Assert.Same(longer.LastEstimator, longer.LastEstimator);
        Assert.Empty(new EstimatorChain<ITransformer>().Fit(Load()));
    }

    [Fact]
    public void AppendCacheCheckpoint_ReadsTheSourceOnce()
    {
        var read = 0;
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 5).Select(i =>
        {
            read++;
            return AllKinds.Create(i);
        }));
        // The column asked for first is cached in one pass; later estimators do not go to the source.
        var chain = new LengthEstimator("Text", "A").AppendCacheCheckpoint(_ml).Append(new LengthEstimator("Text", "B")).Append(new LengthEstimator("Text", "C"));
        chain.Fit(data);

        Assert.Equal(10, read);
        Assert.Throws<InvalidOperationException>(() => new EstimatorChain<ITransformer>().AppendCacheCheckpoint(_ml));
    }

    [Fact]
    public void WithOnFitDelegate_IsCalledWithTheTransformer()
    {
        LengthTransformer? seen = null;
        var fitted = new LengthEstimator("Text", "A").WithOnFitDelegate(t => seen = t).Fit(Load());

        Assert.Same(fitted, seen);
    }

    [Fact]
    public void TransformerChain_Scope_SaysWhoTakesPart()
    {
        var chain = new TransformerChain<ITransformer>()
            .Append(new LengthTransformer("Text", "A"), TransformerScope.TrainTest)
            .Append(new LengthTransformer("Text", "B"));

        Assert.Null(chain.Transform(Load()).Schema.GetColumnOrNull("A"));
        Assert.NotNull(chain.Transform(Load(), TransformerScope.Training).Schema.GetColumnOrNull("A"));
        Assert.NotNull(chain.GetOutputSchema(Load().Schema, TransformerScope.Testing).GetColumnOrNull("A"));
        Assert.Single(chain.GetModelFor(TransformerScope.Scoring));
    }

    [Fact]
    public void TransformerChain_WrongInput_ThrowsBeforeAnythingRuns()
    {
        var chain = new LengthTransformer("Text", "A").Append(new LengthTransformer("Nothing", "B"));

        Assert.Throws<ArgumentOutOfRangeException>(() => chain.Transform(Load()));
    }

    [Fact]
    public void TransformerChain_Transform_ComputesOnlyActiveColumns()
    {
        var transformer = new LengthTransformer("Text", "A");
        var view = transformer.Append(new LengthTransformer("Memory", "B")).Transform(Load());
        view.Column<int>("B");
        Assert.Equal(0, transformer.Computed);

        view.Column<int>("A");
        Assert.Equal(4, transformer.Computed);
    }

    [Fact]
    public void TransformerChain_GetRowToRowMapper_ComposesDependencies()
    {
        ITransformer chain = new LengthTransformer("Text", "A").Append(new LengthTransformer("Memory", "B"));
        var mapper = chain.GetRowToRowMapper(Load().Schema);

        Assert.True(chain.IsRowToRowMapper);
        Assert.Equal(["Text"], mapper.GetDependencies([mapper.OutputSchema["A"]]).Select(c => c.Name));
        Assert.Equal(["Memory"], mapper.GetDependencies([mapper.OutputSchema["B"]]).Select(c => c.Name));
        Assert.Equal(["Text"], mapper.GetDependencies([mapper.OutputSchema["Text"]]).Select(c => c.Name));
    }

    [Fact]
    public void TransformerChain_NotRowToRow_HasNoMapper()
    {
        ITransformer chain = new LengthTransformer("Text", "A") { IsRowToRowMapper = false }.Append(new LengthTransformer("Text", "B"));

        Assert.False(chain.IsRowToRowMapper);
        Assert.Throws<InvalidOperationException>(() => chain.GetRowToRowMapper(Load().Schema));
    }

    [Fact]
    public void TransformerChain_Dispose_DisposesItsTransformers()
    {
        var transformer = new LengthTransformer("Text", "A");
        new TransformerChain<ITransformer>(transformer).Dispose();

        Assert.True(transformer.Disposed);
    }

    [Fact]
    public void TransformerChain_ScopesOfAnotherNumber_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new TransformerChain<ITransformer>([new LengthTransformer("Text", "A")], []));
    }
}
