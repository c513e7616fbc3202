using System.Globalization;
using System.Text;
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

    /// <summary>The counts as a table to print, with recall at the right and precision below.</summary>
    public string GetFormattedConfusionTable()
    {
        string[] names = ["positive", "negative"];
        var rule = new string('=', 11 * NumberOfClasses);
        var (positives, negatives) = (Counts[0].Sum(), Counts[1].Sum());
        var table = new StringBuilder()
            .AppendLine(CultureInfo.CurrentCulture, $"TEST POSITIVE RATIO:\t{positives / (positives + negatives):N4} ({positives:F1}/({positives:F1}+{negatives:F1}))")
            .AppendLine("Confusion table")
            .AppendLine($"          ||{rule}")
            .AppendLine($"PREDICTED ||{string.Concat(names.Select(name => $" {name,8} |"))} Recall")
            .AppendLine($"TRUTH     ||{rule}");
        for (var i = 0; i < NumberOfClasses; i++)
            table.AppendLine(CultureInfo.CurrentCulture, $"{names[i],9} ||{Cells(Counts[i], "N0")} {PerClassRecall[i]:F4}");
        return table
            .AppendLine($"          ||{rule}")
            .AppendLine($"Precision ||{Cells(PerClassPrecision, "N4")}")
            .ToString();
    }

    private static string Cells(IEnumerable<double> numbers, string format)
        => string.Concat(numbers.Select(number => $" {number.ToString(format, CultureInfo.CurrentCulture),8} |"));

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
