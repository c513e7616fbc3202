namespace MLNet.Dpo.Reporting;

/// <summary>A line of a chart.</summary>
/// <param name="Label">What the legend calls it.</param>
/// <param name="Colour">The letter of its colour in <see cref="SvgChart.Style"/>, <c>a</c> to <c>d</c>.</param>
/// <param name="Points">Its points, in the order of steps.</param>
/// <param name="Kind">How it is drawn.</param>
internal sealed record ChartLine(string Label, char Colour, IReadOnlyList<MetricPoint> Points, ChartLineKind Kind = ChartLineKind.Noisy)
{
    private const double Smoothing = 0.8;

    /// <summary>An exponential moving average that begins at the first value.</summary>
    internal IReadOnlyList<MetricPoint> Smooth()
    {
        if (Points.Count == 0) return [];
        var average = Points[0].Value;
        return [.. Points.Select(p => p with { Value = average = (Smoothing * average) + ((1 - Smoothing) * p.Value) })];
    }

    /// <summary>Where the line ends, as it is drawn.</summary>
    internal double Last => (Kind == ChartLineKind.Noisy ? Smooth() : Points)[^1].Value;
}

/// <summary>How a line is drawn.</summary>
internal enum ChartLineKind
{
    /// <summary>A faint raw line with a smoothed one over it.</summary>
    Noisy,

    /// <summary>The values as they are.</summary>
    Exact,

    /// <summary>Dots joined by a line, as few values of evaluations are.</summary>
    Dotted,
}
