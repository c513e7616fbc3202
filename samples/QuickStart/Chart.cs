using System.Globalization;
using System.Text;

namespace QuickStart;

/// <summary>One panel: a metric over the steps as a faint raw line and a smoothed one, with the values on validation data as dots.</summary>
internal sealed class Chart(string title, string colour, IReadOnlyList<(double Step, double Value)> train, IReadOnlyList<(double Step, double Value)> validation)
{
    private const double Smoothing = 0.8;

    /// <summary>Draws the panel into <paramref name="svg"/>, its outer left edge at <paramref name="left"/>.</summary>
    public void Draw(StringBuilder svg, double left, double width, double height)
    {
        var area = new Area(left + 44, 44, left + width - 16, height - 36, train.Concat(validation).DefaultIfEmpty((0, 0)).ToList());
        Text(svg, left + 44, 26, "title", "start", title);
        if (train.Count == 0)
        {
            Text(svg, left + 44, height / 2, "text", "start", "no steps were recorded");
            return;
        }
        foreach (var value in area.Ticks)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{area.Left:0.#}\" x2=\"{area.Right:0.#}\" y1=\"{area.Y(value):0.#}\" y2=\"{area.Y(value):0.#}\"/>");
            Text(svg, area.Left - 6, area.Y(value) + 4, "text", "end", Number(value));
        }
        Text(svg, area.Left, height - 14, "text", "start", "step " + Number(area.LowStep));
        Text(svg, area.Right, height - 14, "text", "end", Number(area.HighStep));
        Line(svg, area, train, "raw");
        Line(svg, area, Smooth(train), "line");
        foreach (var (step, value) in validation)
            svg.AppendLine(CultureInfo.InvariantCulture, $"<circle class=\"{colour} eval\" cx=\"{area.X(step):0.#}\" cy=\"{area.Y(value):0.#}\" r=\"4\"/>");
        Text(svg, area.Right, 26, "text", "end", (validation.Count > 0 ? "validation ends at " : "ends at ") + Number((validation.Count > 0 ? validation : Smooth(train))[^1].Value));
    }

    private void Line(StringBuilder svg, Area area, IReadOnlyList<(double Step, double Value)> points, string kind) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline class=\"{colour} {kind}\" style=\"fill:none\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{area.X(p.Step):0.#},{area.Y(p.Value):0.#}")))}\"/>");

    private static void Text(StringBuilder svg, double x, double y, string kind, string anchor, string text) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{text}</text>");

    /// <summary>An exponential moving average that begins at the first value.</summary>
    private static List<(double Step, double Value)> Smooth(IReadOnlyList<(double Step, double Value)> points)
    {
        var average = points[0].Value;
        return [.. points.Select(p => (p.Step, average = (Smoothing * average) + ((1 - Smoothing) * p.Value)))];
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.##", CultureInfo.InvariantCulture);

    /// <summary>The rectangle of the curves in picture units, and the range of steps and values that it shows.</summary>
    private sealed record Area(double Left, double Top, double Right, double Bottom, IReadOnlyList<(double Step, double Value)> Points)
    {
        public double LowStep { get; } = Points.Min(p => p.Step);

        public double HighStep { get; } = Points.Max(p => p.Step);

        public IReadOnlyList<double> Ticks { get; } = RoundTicks(Math.Min(0, Points.Min(p => p.Value)), Math.Max(0, Points.Max(p => p.Value)));

        public double X(double step) => HighStep > LowStep ? Left + ((Right - Left) * (step - LowStep) / (HighStep - LowStep)) : Left;

        public double Y(double value) => Bottom - ((Bottom - Top) * (value - Ticks[0]) / (Ticks[^1] - Ticks[0]));

        /// <summary>About five round numbers that span <paramref name="low"/> to <paramref name="high"/>.</summary>
        private static IReadOnlyList<double> RoundTicks(double low, double high)
        {
            var rough = Math.Max(high - low, 1e-6) / 4;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 };
            var first = (int)Math.Floor(low / step);
            return [.. Enumerable.Range(first, (int)Math.Ceiling((high / step) - 1e-9) - first + 1).Select(i => i * step)];
        }
    }
}
