using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace Polyfills.Tests.MicrosoftML;

public class BinaryClassificationTests
{
    private readonly MLContext _ml = new(seed: 1);

    private BinaryClassificationMetrics Evaluate(params (bool Label, float Score)[] rows)
        => _ml.BinaryClassification.EvaluateNonCalibrated(_ml.Data.LoadFromEnumerable(rows.Select(r => new Row { Label = r.Label, Score = r.Score })));

    [Fact]
    public void EvaluateNonCalibrated_HandCheckedRows_GivesKnownMetrics()
    {
        // Positive scores 3, 1, -1; negative 2, -2. Pairs won by the positive: 2 + 1 + 1 of 6.
        var metrics = Evaluate((true, 3), (false, 2), (true, 1), (true, -1), (false, -2));

        Assert.Equal(4 / 6.0, metrics.AreaUnderRocCurve, 12);
        Assert.Equal(3 / 5.0, metrics.Accuracy, 12);
        Assert.Equal(2 / 3.0, metrics.PositivePrecision, 12);
        Assert.Equal(2 / 3.0, metrics.PositiveRecall, 12);
        Assert.Equal(1 / 2.0, metrics.NegativePrecision, 12);
        Assert.Equal(1 / 2.0, metrics.NegativeRecall, 12);
        Assert.Equal(2 / 3.0, metrics.F1Score, 12);
        // Recall 1/3 at precision 1; then (1/2 + 2/3) / 2 and (2/3 + 3/4) / 2 for a third each.
        Assert.Equal((1 + (1 / 2.0 + 2 / 3.0) / 2 + (2 / 3.0 + 3 / 4.0) / 2) / 3, metrics.AreaUnderPrecisionRecallCurve, 12);
    }

    [Fact]
    public void EvaluateNonCalibrated_ConfusionMatrix_IsActualByPredictedPositiveFirst()
    {
        var matrix = Evaluate((true, 3), (false, 2), (true, 1), (true, -1), (false, -2)).ConfusionMatrix;

        Assert.Equal(2, matrix.NumberOfClasses);
        Assert.Equal([2.0, 1.0], matrix.Counts[0]);
        Assert.Equal([1.0, 1.0], matrix.Counts[1]);
        Assert.Equal(1, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 1, actualClassIndicatorIndex: 0));
        Assert.Equal(2 / 3.0, matrix.PerClassPrecision[0], 12);
        Assert.Equal(0.5, matrix.PerClassRecall[1], 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(2, 0));
    }

    [Fact]
    public void GetFormattedConfusionTable_PrintsCountsRecallAndPrecision()
    {
        var table = Evaluate((true, 3), (false, 2), (true, 1), (true, -1), (false, -2)).ConfusionMatrix.GetFormattedConfusionTable();

        Assert.Equal(
            """
            TEST POSITIVE RATIO:	0.6000 (3.0/(3.0+2.0))
            Confusion table
                      ||======================
            PREDICTED || positive | negative | Recall
            TRUTH     ||======================
             positive ||        2 |        1 | 0.6667
             negative ||        1 |        1 | 0.5000
                      ||======================
            Precision ||   0.6667 |   0.5000 |

            """,
            table.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void EvaluateNonCalibrated_Ties_CountHalfAndZeroIsNegative()
    {
        var metrics = Evaluate((true, 0), (false, 0), (true, 1), (false, 1));

        Assert.Equal(0.5, metrics.AreaUnderRocCurve, 12);
        Assert.Equal(0.5, metrics.Accuracy, 12);
        Assert.Equal(0.5, metrics.PositiveRecall, 12);
    }

    [Fact]
    public void EvaluateNonCalibrated_NothingPredictedPositive_PrecisionIsZero()
    {
        var metrics = Evaluate((true, -1), (false, -2));

        Assert.Equal(1, metrics.AreaUnderRocCurve);
        Assert.Equal(0, metrics.PositivePrecision);
        Assert.Equal(0, metrics.F1Score);
    }

    [Fact]
    public void EvaluateNonCalibrated_ScoresThatAreNotNumbers_AreLeftOut()
    {
        var metrics = Evaluate((true, float.NaN), (true, 1), (false, -1), (false, float.PositiveInfinity));

        Assert.Equal(1, metrics.Accuracy);
        Assert.Equal(1, metrics.AreaUnderRocCurve);
    }

    [Fact]
    public void EvaluateNonCalibrated_OneClassMissing_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate((true, 1), (true, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate((false, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate());
    }

    [Fact]
    public void EvaluateNonCalibrated_OtherLabelTypes_Work()
    {
        var rows = new[] { new OtherRow { Number = 1, Key = 1, Score = 1 }, new OtherRow { Number = 0, Key = 0, Score = -1 } };
        var view = _ml.Data.LoadFromEnumerable(rows);

        Assert.Equal(1, _ml.BinaryClassification.EvaluateNonCalibrated(view, "Number", "Score", "Score").Accuracy);
        Assert.Equal(1, _ml.BinaryClassification.EvaluateNonCalibrated(view, "Key", "Score", "Score").Accuracy);
    }

    [Fact]
    public void EvaluateNonCalibrated_MissingOrWrongColumns_Throw()
    {
        var view = _ml.Data.LoadFromEnumerable([new OtherRow()]);

        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(view, "Nothing", "Score", "Score"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(view, "Number", "Nothing", "Score"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(view, "Number", "Score", "Nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(view, "Number", "Number", "Score"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(view, "Text", "Score", "Score"));
        Assert.Throws<ArgumentNullException>(() => _ml.BinaryClassification.EvaluateNonCalibrated(null));
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        public float Score { get; set; }

        public bool PredictedLabel => Score > 0;
    }

    private sealed class OtherRow
    {
        public double Number { get; set; }

        [KeyType(2)]
        public uint Key { get; set; }

        public float Score { get; set; }

        public string? Text { get; set; }
    }
}
