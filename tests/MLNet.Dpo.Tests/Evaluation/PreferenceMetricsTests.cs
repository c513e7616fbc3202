using System.Globalization;
using Microsoft.ML;
using Xunit;

namespace MLNet.Dpo.Tests.Evaluation;

/// <summary>Metrics of scored rows against numbers worked out by hand, and through ML.NET's own evaluators.</summary>
public class PreferenceMetricsTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public float[] Scores { get; set; } = [];

        public float[] Rewards { get; set; } = [];
    }

    private sealed class Ranked
    {
        public uint GroupId { get; set; }

        public float Label { get; set; }

        public float Score { get; set; }
    }

    [Fact]
    public void Evaluate_RowsOfTwoAndThree_CountsEveryPairOnce()
    {
        // Margins: 2 of the pair; 1 - 0, 1 - 3 and 0 - 3 of the three, best first.
        var metrics = _ml.Preferences.Evaluate(View(new Row { Scores = [1, 0], Rewards = [1.5f, -0.5f] }, new Row { Scores = [3, 2, 1], Rewards = [1, 0, 3] }));
        Assert.Equal(4, metrics.PairCount);
        Assert.Equal(2.0 / 4, metrics.Accuracy, 1e-12);
        Assert.Equal((2 + 1 - 2 - 3) / 4.0, metrics.MeanMargin, 1e-6);
        Assert.Equal((LogLoss(2) + LogLoss(1) + LogLoss(-2) + LogLoss(-3)) / 4, metrics.Loss, 1e-6);
        Assert.Equal((1.5 + 1 + 1 + 0) / 4, metrics.ChosenReward, 1e-6);
        Assert.Equal((-0.5 + 0 + 3 + 3) / 4, metrics.RejectedReward, 1e-6);
        Assert.Equal(0, metrics.SkippedRows);
    }

    [Fact]
    public void Evaluate_EqualRewardsAndEqualScores_CountAsTrlDoes()
    {
        // A tie in reward is no hit; a tie in score is no pair.
        var metrics = _ml.Preferences.Evaluate(View(new Row { Scores = [1, 0], Rewards = [2, 2] }, new Row { Scores = [1, 1], Rewards = [0, 9] }));
        Assert.Equal((1, 0.0, 0.0), (metrics.PairCount, metrics.Accuracy, metrics.MeanMargin));
        Assert.Equal(Math.Log(2), metrics.Loss, 1e-12);
    }

    [Fact]
    public void Evaluate_RowsThatWereNotScored_AreSkippedAndCounted()
    {
        var metrics = _ml.Preferences.Evaluate(View(new Row { Scores = [1, 0], Rewards = [float.NaN, float.NaN] }, new Row { Scores = [0, 1], Rewards = [-1, 1] }));
        Assert.Equal((1, 1, 1.0), (metrics.PairCount, metrics.SkippedRows, metrics.Accuracy));
    }

    [Fact]
    public void Evaluate_HugeMargins_GiveAFiniteLoss() =>
        Assert.Equal(2e4, _ml.Preferences.Evaluate(View(new Row { Scores = [1, 0], Rewards = [-1e4f, 1e4f] })).Loss, 1e-6);

    [Fact]
    public void Evaluate_NothingToCompare_SaysSo()
    {
        Assert.StartsWith("There is no pair of differently scored responses to evaluate;", Assert.Throws<PreferenceDataException>(() => _ml.Preferences.Evaluate(View(new Row { Scores = [1], Rewards = [1] }))).Message);
        Assert.StartsWith("Column Scores is missing;", Assert.Throws<ArgumentException>(() => _ml.Preferences.Evaluate(_ml.Data.LoadFromEnumerable([new Ranked()]))).Message);
    }

    [Fact]
    public void ToString_InAnyCulture_IsTheSame()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("accuracy 0.975, margin 1.235, loss 0.25, chosen reward 1, rejected reward -0.2346, 40 pairs, 2 rows skipped",
                new PreferenceMetrics(0.975, 1.23456, 0.25, 1, -0.23456, 40, 2).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void ToPairs_ThroughMLNetsEvaluator_HasTheSameAccuracy()
    {
        var scored = View(new Row { Scores = [1, 0], Rewards = [1.5f, -0.5f] }, new Row { Scores = [3, 2, 1], Rewards = [1, 0, 3] });
        var binary = _ml.BinaryClassification.EvaluateNonCalibrated(_ml.Preferences.ToPairs(scored));
        Assert.Equal(_ml.Preferences.Evaluate(scored).Accuracy, binary.Accuracy, 1e-12);
        // The positives' scores are the margins, the negatives' their opposites; a tie counts one half.
        float[] margins = [2, 1, -2, -3];
        var won = margins.Sum(positive => margins.Sum(negative => positive > -negative ? 1.0 : positive == -negative ? 0.5 : 0));
        Assert.Equal(won / 16, binary.AreaUnderRocCurve, 1e-12);
    }

    [Fact]
    public void ToRanking_Scores_BecomeRelevanceByRank()
    {
        var ranked = Rank(new Row { Scores = [1, 0], Rewards = [2, 1] }, new Row { Scores = [0.1f, 7, 0.1f, 5, 4, 3, 2], Rewards = [1, 2, 3, 4, 5, 6, 7] });
        Assert.Equal([1u, 1u, 2u, 2u, 2u, 2u, 2u, 2u, 2u], ranked.Select(r => r.GroupId));
        Assert.Equal([4f, 3f, 0f, 4f, 0f, 3f, 2f, 1f, 0f], ranked.Select(r => r.Label));
        Assert.Equal([2f, 1f, 1f, 2f, 3f, 4f, 5f, 6f, 7f], ranked.Select(r => r.Score));
    }

    [Fact]
    public void ToRanking_ThroughMLNetsEvaluator_IsTheGainByHand()
    {
        // The best response is first in one row, second in the other; relevances 4 and 3 gain 31 and 15.
        var metrics = _ml.Ranking.Evaluate(_ml.Preferences.ToRanking(View(new Row { Scores = [1, 0], Rewards = [2, 1] }, new Row { Scores = [1, 0], Rewards = [1, 2] })));
        double best = (31 / Math.Log(2)) + (15 / Math.Log(3)), worst = (15 / Math.Log(2)) + (31 / Math.Log(3));
        Assert.Equal((best + worst) / 2, metrics.DiscountedCumulativeGains[1], 1e-4);
        Assert.Equal((1 + (worst / best)) / 2, metrics.NormalizedDiscountedCumulativeGains[1], 1e-6);
        Assert.Equal((1 + (15.0 / 31)) / 2, metrics.NormalizedDiscountedCumulativeGains[0], 1e-6);
    }

    private List<Ranked> Rank(params Row[] rows) => [.. _ml.Data.CreateEnumerable<Ranked>(_ml.Preferences.ToRanking(View(rows)), reuseRowObject: false)];

    private IDataView View(params Row[] rows) => _ml.Data.LoadFromEnumerable(rows);

    private static double LogLoss(double margin) => Math.Log(1 + Math.Exp(-margin));
}
