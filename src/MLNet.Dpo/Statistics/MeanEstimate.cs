using System.Globalization;
using MLNet.Dpo.Statistics;

namespace MLNet.Dpo;

/// <summary>A mean and how sure it is.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Lower">Lower end of its 95 % interval; NaN where there are too few values to say.</param>
/// <param name="Upper">Upper end of the interval.</param>
/// <param name="Count">Values that it is the mean of.</param>
public sealed record MeanEstimate(double Mean, double Lower, double Upper, int Count)
{
    /// <summary>Mean and interval, whatever the culture.</summary>
    public override string ToString() => double.IsNaN(Lower) ? Text(Mean) : $"{Text(Mean)} ({Text(Lower)} to {Text(Upper)})";

    /// <summary>The mean of values that belong to groups, those of a prompt, say; by the bootstrap over groups.</summary>
    internal static MeanEstimate Of(IReadOnlyList<IReadOnlyList<double>> groups)
    {
        var count = groups.Sum(group => group.Count);
        var (lower, upper) = Interval.Bootstrap(groups);
        return new MeanEstimate(count == 0 ? double.NaN : groups.Sum(group => group.Sum()) / count, lower, upper, count);
    }

    /// <summary>The mean of values each of which stands alone.</summary>
    internal static MeanEstimate OfEach(IEnumerable<double> values) => Of([.. values.Select(value => (IReadOnlyList<double>)[value])]);

    /// <summary>A share of successes, with Wilson's interval.</summary>
    internal static MeanEstimate OfShare(int successes, int trials)
    {
        var share = trials == 0 ? double.NaN : (double)successes / trials;
        var (lower, upper) = Interval.Wilson(share, trials);
        return new MeanEstimate(share, lower, upper, trials);
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 1000 ? "0" : "G3", CultureInfo.InvariantCulture);
}
