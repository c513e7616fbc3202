namespace MLNet.Dpo.Statistics;

/// <summary>95 % intervals.</summary>
internal static class Interval
{
    private const double Z = 1.959963984540054;
    private const int Resamples = 2000;

    /// <summary>Wilson's interval of a share <paramref name="p"/> of <paramref name="n"/> independent trials; NaN without a trial.</summary>
    internal static (double Lower, double Upper) Wilson(double p, double n)
    {
        if (n == 0) return (double.NaN, double.NaN);
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        var scale = 1 + (Z * Z / n);
        return (Math.Max(0, (centre - half) / scale), Math.Min(1, (centre + half) / scale));
    }

    /// <summary>
    /// The percentile bootstrap's interval of a mean. What is drawn anew is groups, for what a prompt's values have in common is no new evidence; with differences of pairs as values it is the paired bootstrap.
    /// The same values give the same interval. NaN below two groups, of which nothing can be said.
    /// </summary>
    /// <param name="groups">The values of each group.</param>
    internal static (double Lower, double Upper) Bootstrap(IReadOnlyList<IReadOnlyList<double>> groups)
    {
        var filled = groups.Where(group => group.Count > 0).Select(group => (Sum: group.Sum(), group.Count)).ToList();
        if (filled.Count < 2) return (double.NaN, double.NaN);
        var random = new Random(1);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var (sum, count) = (0.0, 0L);
            for (var j = 0; j < filled.Count; j++)
            {
                var drawn = filled[random.Next(filled.Count)];
                (sum, count) = (sum + drawn.Sum, count + drawn.Count);
            }
            means[i] = sum / count;
        }
        Array.Sort(means);
        return (means[(int)(0.025 * Resamples)], means[(int)Math.Ceiling(0.975 * Resamples) - 1]);
    }
}
