namespace Microsoft.ML.Data;

/// <summary>Metrics of binary classification.</summary>
public class BinaryClassificationMetrics
{
    internal BinaryClassificationMetrics(ConfusionMatrix confusion, double areaUnderRocCurve, double areaUnderPrecisionRecallCurve)
    {
        var (truePositives, falseNegatives) = (confusion.Counts[0][0], confusion.Counts[0][1]);
        var (falsePositives, trueNegatives) = (confusion.Counts[1][0], confusion.Counts[1][1]);
        ConfusionMatrix = confusion;
        AreaUnderRocCurve = areaUnderRocCurve;
        AreaUnderPrecisionRecallCurve = areaUnderPrecisionRecallCurve;
        Accuracy = (truePositives + trueNegatives) / (truePositives + trueNegatives + falsePositives + falseNegatives);
        PositivePrecision = confusion.PerClassPrecision[0];
        PositiveRecall = confusion.PerClassRecall[0];
        NegativePrecision = confusion.PerClassPrecision[1];
        NegativeRecall = confusion.PerClassRecall[1];
        var sum = PositivePrecision + PositiveRecall;
        F1Score = sum == 0 ? 0 : 2 * PositivePrecision * PositiveRecall / sum;
    }

    /// <summary>The share of (positive, negative) pairs in which the positive row scores higher; ties count half.</summary>
    public double AreaUnderRocCurve { get; }

    /// <summary>The share of rows predicted right.</summary>
    public double Accuracy { get; }

    /// <summary>The share of right ones among those predicted positive; 0 when there are none.</summary>
    public double PositivePrecision { get; }

    /// <summary>The share of positive rows predicted positive.</summary>
    public double PositiveRecall { get; private set; }

    /// <summary>The share of right ones among those predicted negative; 0 when there are none.</summary>
    public double NegativePrecision { get; }

    /// <summary>The share of negative rows predicted negative.</summary>
    public double NegativeRecall { get; }

    /// <summary>The harmonic mean of positive precision and recall; 0 when both are.</summary>
    public double F1Score { get; }

    /// <summary>The area under precision as a function of recall, by trapezoids, over at most 100,000 rows.</summary>
    public double AreaUnderPrecisionRecallCurve { get; }

    /// <summary>Counts of actual by predicted class; positive first.</summary>
    public ConfusionMatrix ConfusionMatrix { get; }
}
