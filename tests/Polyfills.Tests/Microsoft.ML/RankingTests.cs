using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class RankingTests
{
    private readonly MLContext _ml = new(seed: 1);

    private RankingMetrics Evaluate(RankingEvaluatorOptions? options, params (uint Group, float Label, float Score)[] rows)
        => _ml.Ranking.Evaluate(_ml.Data.LoadFromEnumerable(rows.Select(r => new Row { GroupId = r.Group, Label = r.Label, Score = r.Score })), options);

    [Fact]
    public void Evaluate_OneGroup_GivesKnownGains()
    {
        // By score: labels 1, 4, 0 with gains 3, 31, 0; best order 31, 3, 0.
        var metrics = Evaluate(null, (1, 4, 0.5f), (1, 1, 0.9f), (1, 0, 0.1f));
        double[] dcg = [3 / Math.Log(2), 3 / Math.Log(2) + 31 / Math.Log(3)];
        double[] best = [31 / Math.Log(2), 31 / Math.Log(2) + 3 / Math.Log(3)];

        Assert.Equal(10, metrics.DiscountedCumulativeGains.Count);
        Assert.Equal(dcg[0], metrics.DiscountedCumulativeGains[0], 12);
        Assert.Equal(dcg[1], metrics.DiscountedCumulativeGains[1], 12);
        Assert.Equal(dcg[1], metrics.DiscountedCumulativeGains[9], 12);
        Assert.Equal(dcg[0] / best[0], metrics.NormalizedDiscountedCumulativeGains[0], 12);
        Assert.Equal(dcg[1] / best[1], metrics.NormalizedDiscountedCumulativeGains[2], 12);
    }

    [Fact]
    public void Evaluate_Groups_AreAveragedAndAllZeroLabelsCountZero()
    {
        var metrics = Evaluate(null, (1, 1, 1), (1, 0, 0), (2, 0, 1), (2, 0, 0));

        Assert.Equal(0.5, metrics.NormalizedDiscountedCumulativeGains[0], 12);
        Assert.Equal(3 / Math.Log(2) / 2, metrics.DiscountedCumulativeGains[0], 12);
    }

    [Fact]
    public void Evaluate_Ties_PutTheLowerLabelFirst()
    {
        Assert.Equal(0, Evaluate(null, (1, 4, 1), (1, 0, 1)).NormalizedDiscountedCumulativeGains[0]);
    }

    [Fact]
    public void Evaluate_SameGroupApart_CountsAsTwo()
    {
        var metrics = Evaluate(null, (1, 1, 1), (2, 1, 1), (1, 0, 5));

        Assert.Equal(2 / 3.0, metrics.NormalizedDiscountedCumulativeGains[0], 12);
    }

    [Fact]
    public void Evaluate_Options_SetGainsAndTruncation()
    {
        var metrics = Evaluate(new RankingEvaluatorOptions { LabelGains = "0,1", DcgTruncationLevel = 2 }, (1, 1, 1), (1, 1, 0), (1, 1, -1));

        Assert.Equal(2, metrics.DiscountedCumulativeGains.Count);
        Assert.Equal(1 / Math.Log(2) + 1 / Math.Log(3), metrics.DiscountedCumulativeGains[1], 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(new RankingEvaluatorOptions { DcgTruncationLevel = 0 }, (1, 1, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(new RankingEvaluatorOptions { LabelGains = "a" }, (1, 1, 1)));
    }

    [Fact]
    public void Evaluate_KeyLabel_CountsFromZero()
    {
        var rows = new[] { new KeyRow { Label = 2, Group = 1, Score = 1 }, new KeyRow { Label = 0, Group = 1, Score = 0 } };
        var metrics = _ml.Ranking.Evaluate(_ml.Data.LoadFromEnumerable(rows), rowGroupColumnName: "Group");

        Assert.Equal(7 / Math.Log(2), metrics.DiscountedCumulativeGains[0], 12);
    }

    [Fact]
    public void Evaluate_LabelBeyondGains_Throws()
    {
        Assert.Throws<IndexOutOfRangeException>(() => Evaluate(null, (1, 5, 1)));
    }

    [Fact]
    public void Evaluate_WrongColumns_Throw()
    {
        var view = _ml.Data.LoadFromEnumerable([new Row()]);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Ranking.Evaluate(view, rowGroupColumnName: "Label"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Ranking.Evaluate(view, scoreColumnName: "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Ranking.Evaluate(view, scoreColumnName: "GroupId"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.Ranking.Evaluate(view, labelColumnName: ""));
    }

    private sealed class Row
    {
        [KeyType(100)]
        public uint GroupId { get; set; }

        public float Label { get; set; }

        public float Score { get; set; }
    }

    private sealed class KeyRow
    {
        [KeyType(100)]
        public uint Group { get; set; }

        [KeyType(5)]
        public uint Label { get; set; }

        public float Score { get; set; }
    }
}
