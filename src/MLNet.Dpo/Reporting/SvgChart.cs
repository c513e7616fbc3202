using System.Globalization;
using System.Text;

namespace MLNet.Dpo.Reporting;

/// <summary>One chart: metrics over the steps, drawn as SVG that is readable on light and on dark pages.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Lines">What it shows; lines without points are left out.</param>
/// <param name="FromZero">Whether zero is always in view; if not, only where it is near the values.</param>
/// <param name="Names">What stands at 0, 1, 2, ... of the axis, where it does not count steps.</param>
internal sealed record SvgChart(string Title, IReadOnlyList<ChartLine> Lines, bool FromZero = true, IReadOnlyList<string>? Names = null)
{
    internal const int Width = 330;
    internal const int Height = 250;
    private const int MostNames = 6; // there is room for

    /// <summary>The colours, for a page or a picture that holds charts.</summary>
    internal const string Style =
        """
        .page{fill:#ffffff;stroke:#d8dee4} .grid{stroke:#d8dee4} .text{fill:#57606a} .title{fill:#1f2328;font-weight:600}
        .a{stroke:#0969da;fill:#0969da} .b{stroke:#1a7f37;fill:#1a7f37} .c{stroke:#9a4bd1;fill:#9a4bd1} .d{stroke:#bc4c00;fill:#bc4c00}
        @media (prefers-color-scheme: dark){
          .page{fill:#0d1117;stroke:#30363d} .grid{stroke:#30363d} .text{fill:#9198a1} .title{fill:#f0f6fc}
          .a{stroke:#58a6ff;fill:#58a6ff} .b{stroke:#3fb950;fill:#3fb950} .c{stroke:#c297ff;fill:#c297ff} .d{stroke:#f0883e;fill:#f0883e}}
        svg text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;stroke:none} .line{fill:none;stroke-width:2;stroke-linejoin:round}
        .raw{fill:none;stroke-width:1;opacity:.3} .eval{stroke:none} .dashed{fill:none;stroke-width:1.5;stroke-dasharray:4 3}
        """;

    /// <summary>Several charts side by side as one SVG file.</summary>
    internal static string File(string title, IReadOnlyList<SvgChart> charts)
    {
        var width = (Width * charts.Count) + 20;
        var svg = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {Height}\" width=\"{width}\" height=\"{Height}\" role=\"img\">")
            .AppendLine(CultureInfo.InvariantCulture, $"<title>{HtmlPage.Escape(title)}</title>")
            .AppendLine(CultureInfo.InvariantCulture, $"<style>{Style}</style>")
            .AppendLine(CultureInfo.InvariantCulture, $"<rect class=\"page\" x=\".5\" y=\".5\" width=\"{width - 1}\" height=\"{Height - 1}\" rx=\"8\"/>");
        foreach (var (i, chart) in charts.Index()) chart.Draw(svg, 10 + (i * Width));
        return svg.AppendLine("</svg>").ToString();
    }

    /// <summary>The chart alone, to stand in a page that has <see cref="Style"/>.</summary>
    internal string ToSvg()
    {
        var svg = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"{HtmlPage.Escape(Title)}\">");
        Draw(svg, 0);
        return svg.AppendLine("</svg>").ToString();
    }

    private void Draw(StringBuilder svg, double left)
    {
        var lines = Lines.Where(line => line.Points.Count > 0).ToList();
        Text(svg, left + 48, 22, "title", "start", Title);
        if (lines.Count == 0)
        {
            Text(svg, left + 48, Height / 2, "text", "start", "not recorded");
            return;
        }
        var area = new ChartArea(left + 52, 52, left + Width - 14, Height - 34, [.. lines.SelectMany(line => line.Points)], FromZero);
        Legend(svg, left + 48, lines);
        foreach (var value in area.Ticks)
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{area.Left:0.#}\" x2=\"{area.Right:0.#}\" y1=\"{area.Y(value):0.#}\" y2=\"{area.Y(value):0.#}\"/>");
            Text(svg, area.Left - 6, area.Y(value) + 4, "text", "end", area.Tick(value));
        }
        Text(svg, area.Left, Height - 12, "text", "start", Names is null ? "step " + ChartArea.Number(area.LowStep) : Name(area.LowStep));
        if (area.HighStep > area.LowStep) Text(svg, area.Right, Height - 12, "text", "end", Name(area.HighStep));
        for (var i = (int)area.LowStep + 1; i < area.HighStep && Names is { Count: <= MostNames }; i++) Text(svg, area.X(i), Height - 12, "text", "middle", Name(i));
        foreach (var line in lines) Draw(svg, area, line);
    }

    private string Name(double step) => Names is null ? ChartArea.Number(step) : Names[(int)step];

    // Every line's name and where it ends, so that colour is not the only thing that tells them apart.
    private static void Legend(StringBuilder svg, double x, IReadOnlyList<ChartLine> lines)
    {
        foreach (var line in lines)
        {
            var text = $"{line.Label} {ChartArea.Number(line.Last)}";
            svg.AppendLine(CultureInfo.InvariantCulture, $"<circle class=\"{line.Colour}\" cx=\"{x + 4:0.#}\" cy=\"36\" r=\"{(line.Kind == ChartLineKind.Dotted ? 4 : 2)}\"/>");
            Text(svg, x + 12, 40, "text", "start", text);
            x += 24 + (6.4 * text.Length);
        }
    }

    private void Draw(StringBuilder svg, ChartArea area, ChartLine line)
    {
        Polyline(svg, area, line.Points, line.Colour, line.Kind switch { ChartLineKind.Noisy => "raw", ChartLineKind.Exact => "line", _ => "dashed" });
        if (line.Kind == ChartLineKind.Noisy) Polyline(svg, area, line.Smooth(), line.Colour, "line");
        if (line.Kind != ChartLineKind.Dotted) return;
        foreach (var point in line.Points)
        {
            var told = string.Create(CultureInfo.InvariantCulture, $"{(Names is null ? "step " : "")}{Name(point.Step)}: {point.Value:G5}");
            svg.AppendLine(CultureInfo.InvariantCulture, $"<circle class=\"{line.Colour} eval\" cx=\"{area.X(point.Step):0.#}\" cy=\"{area.Y(point.Value):0.#}\" r=\"3.5\"><title>{HtmlPage.Escape(told)}</title></circle>");
        }
    }

    private static void Polyline(StringBuilder svg, ChartArea area, IReadOnlyList<MetricPoint> points, char colour, string kind) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<polyline class=\"{colour} {kind}\" style=\"fill:none\" points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{area.X(p.Step):0.#},{area.Y(p.Value):0.#}")))}\"/>");

    private static void Text(StringBuilder svg, double x, double y, string kind, string anchor, string text) =>
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text class=\"{kind}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{HtmlPage.Escape(text)}</text>");
}
