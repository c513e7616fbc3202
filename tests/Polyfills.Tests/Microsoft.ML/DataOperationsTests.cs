using Microsoft.ML;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class DataOperationsTests
{
    private readonly MLContext _ml = new(seed: 1);

    private IDataView Load(int count) => _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i => new Row { Id = i, Group = $"g{i % 20}", X = i }).ToArray());

    [Fact]
    public void TakeRows_SkipRows_GivePartsInOrder()
    {
        var view = _ml.Data.TakeRows(_ml.Data.SkipRows(Load(10), 3), 4);

        Assert.Equal([3, 4, 5, 6], view.Column<int>("Id"));
        Assert.Empty(_ml.Data.SkipRows(Load(3), 5).Column<int>("Id"));
        Assert.Equal(3, _ml.Data.TakeRows(Load(3), 5).Column<int>("Id").Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TakeRows(Load(3), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.SkipRows(Load(3), -1));
    }

    [Fact]
    public void TakeRows_Unshuffled_ReadsNoMoreThanItGives()
    {
        var read = 0;
        var view = _ml.Data.TakeRows(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(i =>
        {
            read++;
            return new Row { Id = i };
        })), 5);

        Assert.Equal(5, view.Column<int>("Id").Count);
        Assert.Equal(5, read);
    }

    [Fact]
    public void FilterRowsByColumn_LowerIsInUpperIsOut()
    {
        Assert.Equal([2, 3, 4], _ml.Data.FilterRowsByColumn(Load(10), "X", 2, 5).Column<int>("Id"));
        Assert.Equal([8, 9], _ml.Data.FilterRowsByColumn(Load(10), "X", lowerBound: 8).Column<int>("Id"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.FilterRowsByColumn(Load(10), "X", 5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.FilterRowsByColumn(Load(10), "Group", 5, 6));
    }

    [Fact]
    public void ShuffleRows_IsAPermutationAndRepeatsWithASeed()
    {
        var first = _ml.Data.ShuffleRows(Load(200), seed: 5, shufflePoolSize: 50).Column<int>("Id");
        var second = _ml.Data.ShuffleRows(Load(200), seed: 5, shufflePoolSize: 50).Column<int>("Id");

        Assert.Equal(Enumerable.Range(0, 200), first.Order());
        Assert.NotEqual(Enumerable.Range(0, 200), first);
        Assert.Equal(first, second);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.ShuffleRows(Load(3), shufflePoolSize: 0));
    }

    [Fact]
    public void Cache_ReadsEachColumnOnce()
    {
        var read = 0;
        var view = _ml.Data.Cache(_ml.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i =>
        {
            read++;
            return new Row { Id = i, Group = $"g{i}" };
        })));
        Assert.Equal(0, read);

        Assert.Equal(Enumerable.Range(0, 10), view.Column<int>("Id"));
        Assert.Equal(Enumerable.Range(0, 10), view.Column<int>("Id"));
        Assert.Equal(10, read);
        Assert.Equal("g9", view.Column<ReadOnlyMemory<char>>("Group")[9].ToString());
        Assert.True(view.CanShuffle);
        Assert.Equal(10, view.GetRowCount());
    }

    [Fact]
    public void Cache_UnknownPrefetchColumn_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.Cache(Load(3), "Nothing"));
    }

    [Fact]
    public void Cache_Random_GivesAPermutation()
    {
        var view = _ml.Data.Cache(Load(50));
        var column = view.Schema["Id"];
        using var cursor = view.GetRowCursor([column], new Random(3));
        var getter = cursor.GetGetter<int>(column);
        var ids = new List<int>();
        var id = 0;
        while (cursor.MoveNext())
        {
            getter(ref id);
            ids.Add(id);
        }

        Assert.Equal(Enumerable.Range(0, 50), ids.Order());
        Assert.NotEqual(Enumerable.Range(0, 50), ids);
    }

    [Fact]
    public void TrainTestSplit_PartsAreDisjointAndComplete()
    {
        var split = _ml.Data.TrainTestSplit(Load(1000), testFraction: 0.2);
        var (train, test) = (split.TrainSet.Column<int>("Id"), split.TestSet.Column<int>("Id"));

        Assert.Empty(train.Intersect(test));
        Assert.Equal(Enumerable.Range(0, 1000), train.Concat(test).Order());
        Assert.InRange(test.Count, 150, 250);
        Assert.Equal(["Id", "Group", "X"], split.TrainSet.Schema.Select(c => c.Name));
    }

    [Fact]
    public void TrainTestSplit_SameSeed_SameSplit()
    {
        List<int> Test(int? contextSeed, int? seed) => new MLContext(contextSeed).Data.TrainTestSplit(Load(300), 0.3, seed: seed).TestSet.Column<int>("Id");

        Assert.Equal(Test(1, null), Test(1, null));
        Assert.Equal(Test(1, 7), Test(2, 7));
        Assert.Equal(Test(7, null), Test(1, 7));
        Assert.NotEqual(Test(1, null), Test(2, null));
        Assert.Equal(Test(null, null), Test(null, null));
    }

    /// <summary>The numbers come from a fixed generator, so the split itself is part of the contract.</summary>
    [Fact]
    public void TrainTestSplit_KnownSeed_KnownRows()
    {
        Assert.Equal([2, 9, 10, 12, 13], _ml.Data.TrainTestSplit(Load(20), 0.3, seed: 1).TestSet.Column<int>("Id"));
    }

    [Fact]
    public void TrainTestSplit_SamplingKey_KeepsGroupsTogether()
    {
        var split = _ml.Data.TrainTestSplit(Load(400), 0.3, samplingKeyColumnName: "Group");
        string[] Groups(IDataView view) => view.Column<ReadOnlyMemory<char>>("Group").Select(g => g.ToString()).Distinct().ToArray();

        Assert.Empty(Groups(split.TrainSet).Intersect(Groups(split.TestSet)));
        Assert.Equal(20, Groups(split.TrainSet).Length + Groups(split.TestSet).Length);
        Assert.NotEmpty(Groups(split.TestSet));
        Assert.NotEmpty(Groups(split.TrainSet));
    }

    /// <summary>So are the hashes of keys; empty text is missing, and in neither part.</summary>
    [Fact]
    public void TrainTestSplit_KnownKeys_KnownRows()
    {
        string[] groups = ["a", "b", "", "éa", "数字", "long text with words", "c", "d", "e", " a "];
        var view = _ml.Data.LoadFromEnumerable(groups.Select((g, i) => new Row { Id = i, Group = g }));
        var split = _ml.Data.TrainTestSplit(view, 0.5, samplingKeyColumnName: "Group", seed: 3);

        Assert.Equal([1, 4, 5], split.TestSet.Column<int>("Id"));
        Assert.Equal([0, 3, 6, 7, 8, 9], split.TrainSet.Column<int>("Id"));
        Assert.Equal([0, 3, 4, 6, 7], _ml.Data.TrainTestSplit(view, 0.5, samplingKeyColumnName: "Id", seed: 3).TestSet.Column<int>("Id").Take(5));
    }

    [Fact]
    public void TrainTestSplit_BadArguments_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Load(3), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Load(3), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Data.TrainTestSplit(Load(3), 0.5, samplingKeyColumnName: "Nothing"));
        Assert.Throws<ArgumentNullException>(() => _ml.Data.TrainTestSplit(null));
    }

    private sealed class Row
    {
        public int Id { get; set; }

        public string? Group { get; set; }

        public float X { get; set; }
    }
}
