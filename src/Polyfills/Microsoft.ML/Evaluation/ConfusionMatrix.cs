using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Counts of rows by actual and predicted class.</summary>
public sealed class ConfusionMatrix
{
    internal ConfusionMatrix(double[][] counts)
    {
        Counts = counts;
        NumberOfClasses = counts.Length;
        PerClassRecall = counts.Select((row, i) => Ratio(row[i], row.Sum())).ToArray();
        PerClassPrecision = counts.Select((row, i) => Ratio(row[i], counts.Sum(r => r[i]))).ToArray();
    }

    /// <summary>For each class, the share of right ones among the rows predicted to be of it; 0 when there are none.</summary>
    public IReadOnlyList<double> PerClassPrecision { get; }

    /// <summary>For each class, the share of its rows predicted right; 0 when it has none.</summary>
    public IReadOnlyList<double> PerClassRecall { get; }

    /// <summary>Counts by actual class, then by predicted class.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Counts { get; }

    /// <summary>The number of classes.</summary>
    public int NumberOfClasses { get; }

    /// <summary>The number of rows of one class predicted to be of another.</summary>
    public double GetCountForClassPair(int predictedClassIndicatorIndex, int actualClassIndicatorIndex)
    {
        Contracts.CheckParam((uint)predictedClassIndicatorIndex < (uint)NumberOfClasses, nameof(predictedClassIndicatorIndex),
            "Invalid index. Should be non-negative, less than the number of classes.");
        Contracts.CheckParam((uint)actualClassIndicatorIndex < (uint)NumberOfClasses, nameof(actualClassIndicatorIndex),
            "Invalid index. Should be non-negative, less than the number of classes.");
        return Counts[actualClassIndicatorIndex][predictedClassIndicatorIndex];
    }

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
