namespace MLNet.Dpo.Inspection;

/// <summary>How a number is spread: its mean, median, 95th percentile and maximum; zeros where there are none.</summary>
internal sealed record Distribution(double Mean, double Median, double P95, double Max)
{
    internal static Distribution Of(IEnumerable<int> values)
    {
        int[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? new(0, 0, 0, 0) : new(sorted.Average(), At(sorted, 0.5), At(sorted, 0.95), sorted[^1]);
    }

    private static double At(int[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}
