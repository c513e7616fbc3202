namespace MLNet.Dpo.Reporting;

/// <summary>What a series is like in its parts: single steps are noisy, so parts are judged by their means.</summary>
internal static class SeriesTrend
{
    /// <summary>The mean of the part of the points that lies between two shares of them; at least one point.</summary>
    internal static double Mean(this IReadOnlyList<MetricPoint> points, double from, double to)
    {
        var first = Math.Min((int)(from * points.Count), points.Count - 1);
        var last = Math.Max((int)Math.Ceiling(to * points.Count), first + 1);
        return points.Take(first..Math.Min(last, points.Count)).Average(p => p.Value);
    }

    /// <summary>Where it began: of a loss against a reference that is exact, elsewhere the mean of the first steps.</summary>
    internal static double Start(this IReadOnlyList<MetricPoint> points) => points.Mean(0, 0.05);

    /// <summary>Where it ended.</summary>
    internal static double End(this IReadOnlyList<MetricPoint> points) => points.Mean(0.8, 1);

    /// <summary>The highest mean of a tenth of the points, two at least.</summary>
    internal static double Peak(this IReadOnlyList<MetricPoint> points)
    {
        var window = Math.Min(points.Count, Math.Max(2, points.Count / 10));
        return Enumerable.Range(0, points.Count - window + 1).Max(i => points.Skip(i).Take(window).Average(p => p.Value));
    }
}
