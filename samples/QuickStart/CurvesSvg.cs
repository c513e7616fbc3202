using System.Globalization;
using System.Text;
using System.Text.Json;

namespace QuickStart;

/// <summary>Draws the training curves of a metrics.jsonl file as one picture that is readable on light and on dark pages.</summary>
internal static class CurvesSvg
{
    private const int PanelWidth = 300;
    private const int Height = 250;

    private static readonly (string Metric, string Title, string Colour)[] Panels =
        [("loss", "loss", "a"), ("rewards/accuracies", "accuracy", "b"), ("rewards/margins", "margin", "c")];

    private const string Style =
        """
        <style>
          .page{fill:#ffffff;stroke:#d8dee4} .grid{stroke:#d8dee4} .text{fill:#57606a} .title{fill:#1f2328;font-weight:600}
          .a{stroke:#0969da;fill:#0969da} .b{stroke:#1a7f37;fill:#1a7f37} .c{stroke:#9a4bd1;fill:#9a4bd1}
          @media (prefers-color-scheme: dark){
            .page{fill:#0d1117;stroke:#30363d} .grid{stroke:#30363d} .text{fill:#9198a1} .title{fill:#f0f6fc}
            .a{stroke:#58a6ff;fill:#58a6ff} .b{stroke:#3fb950;fill:#3fb950} .c{stroke:#c297ff;fill:#c297ff}}
          text{font:12px system-ui,-apple-system,'Segoe UI',sans-serif;stroke:none} .line{fill:none;stroke-width:2;stroke-linejoin:round}
          .raw{fill:none;stroke-width:1;opacity:.3} .eval{stroke:none}
        </style>
        """;

    /// <summary>Reads <paramref name="metricsPath"/> (one JSON object a step, metrics named as TRL names them) and writes <paramref name="svgPath"/>.</summary>
    public static void Write(string metricsPath, string svgPath, string title)
    {
        var steps = Read(metricsPath);
        var width = (PanelWidth * Panels.Length) + 20;
        var svg = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {Height}\" width=\"{width}\" height=\"{Height}\" role=\"img\">")
            .AppendLine(CultureInfo.InvariantCulture, $"<title>{title}</title>")
            .AppendLine(Style)
            .AppendLine(CultureInfo.InvariantCulture, $"<rect class=\"page\" x=\".5\" y=\".5\" width=\"{width - 1}\" height=\"{Height - 1}\" rx=\"8\"/>");
        for (var i = 0; i < Panels.Length; i++)
        {
            var (metric, name, colour) = Panels[i];
            var chart = new Chart(name, colour, Series(steps, metric), Series(steps, "eval_" + metric));
            chart.Draw(svg, left: 10 + (i * PanelWidth), PanelWidth, Height);
        }
        File.WriteAllText(svgPath, svg.AppendLine("</svg>").ToString());
    }

    private static List<JsonElement> Read(string path)
    {
        var steps = new List<JsonElement>();
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
        {
            using var row = JsonDocument.Parse(line);
            steps.Add(row.RootElement.Clone());
        }
        return steps;
    }

    private static List<(double Step, double Value)> Series(List<JsonElement> steps, string metric) =>
        [.. steps.Where(s => s.TryGetProperty(metric, out var value) && value.ValueKind == JsonValueKind.Number)
            .Select(s => (s.GetProperty("step").GetDouble(), s.GetProperty(metric).GetDouble()))];
}
