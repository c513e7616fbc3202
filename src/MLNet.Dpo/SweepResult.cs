using System.Globalization;
using System.Text;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>The runs of a sweep side by side. As text it is a table for the console, with the errors below.</summary>
public sealed class SweepResult
{
    private const string Nothing = "-";
    private readonly IReadOnlyList<SweepAxis> _axes;

    internal SweepResult(IReadOnlyList<SweepAxis> axes, IReadOnlyList<SweepRun> runs) => (_axes, Runs) = (axes, runs);

    /// <summary>The runs, in a fixed order: the baseline, then axis by axis; or the grid's.</summary>
    public IReadOnlyList<SweepRun> Runs { get; }

    /// <summary>The run of the highest value; the first of equal ones.</summary>
    /// <param name="by">The value, such as <c>result => result.Preferences!.Accuracy</c>; a negative one where less is better.</param>
    /// <exception cref="InvalidOperationException">Every run failed.</exception>
    public SweepRun Best(Func<ModelResult, double> by)
    {
        ArgumentNullException.ThrowIfNull(by);
        return Runs.Where(run => run.Result is not null).MaxBy(run => by(run.Result!))
            ?? throw new InvalidOperationException($"Every run of the sweep failed; the first with: {Runs[0].Error}");
    }

    /// <summary>Writes table, errors and a curve of each option against each metric as one HTML file that needs nothing else, for light and dark screens.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveHtml(string path)
    {
        var page = new HtmlPage("Sweep").Heading("Runs").Table(Head, Rows());
        foreach (var run in Runs.Where(run => run.Error is not null)) page.Finding(run.Name, run.Error!, "This run has no result; the others are not touched by it.");
        foreach (var axis in _axes)
        {
            var charts = Charts(axis).ToList();
            if (charts.Count > 0) page.Heading(axis.Name).Paragraph("Each dot is the mean of the runs with this value: the one that differs from the baseline in it alone, or, in a grid, all of them.").Charts(charts);
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    /// <summary>The table, and the errors.</summary>
    public override string ToString() => string.Join(Environment.NewLine, Runs.Where(run => run.Error is not null).Select(run => $"{run.Name}: {run.Error}").Prepend(TextTable.Of(Head, Rows())));

    private IReadOnlyList<(string Name, Func<ModelResult, double?> Value)> Metrics => [.. AllMetrics.Where(metric => Runs.Any(run => run.Result is { } result && metric.Value(result) is not null))];

    private IEnumerable<(string Name, Func<ModelResult, double?> Value)> AllMetrics =>
    [
        ("loss", result => result.Preferences?.Loss), ("margin", result => result.Preferences?.MeanMargin), ("accuracy", result => result.Preferences?.Accuracy),
        ("KL to reference", result => result.Kl?.Mean),
        .. Runs.SelectMany(run => run.Result?.Metrics.Keys ?? []).Distinct().Select(name => (name, (Func<ModelResult, double?>)(result => result.Metrics.GetValueOrDefault(name)?.Mean))),
    ];

    private IReadOnlyList<string> Head => ["run", .. _axes.Select(axis => axis.Name), "result", .. Metrics.Select(metric => metric.Name)];

    private IEnumerable<IReadOnlyList<string>> Rows() =>
        from run in Runs
        select (IReadOnlyList<string>)[run.Name, .. _axes.Select(axis => run.Values[axis.Name]), run.Result is null ? "failed" : run.WasKept ? "kept" : "new", .. Metrics.Select(metric => run.Result is null ? Nothing : metric.Value(run.Result)?.ToString("G4", CultureInfo.InvariantCulture) ?? Nothing)];

    private IEnumerable<SvgChart> Charts(SweepAxis axis)
    {
        var runs = Runs.Where(run => run.Result is not null && (IsGrid || _axes.All(other => other == axis || run.Values[other.Name] == Runs[0].Values[other.Name]))).ToList();
        // In the order in which they were given, the baseline's own value where it belongs among numbers.
        var names = runs.Select(run => run.Values[axis.Name]).Distinct().OrderBy(Number).ToList();
        if (names.Count < 2) return [];
        return from metric in Metrics.Index()
               let points = from name in names.Index()
                            let values = runs.Where(run => run.Values[axis.Name] == name.Item).Select(run => metric.Item.Value(run.Result!)).OfType<double>().Where(double.IsFinite).ToList()
                            where values.Count > 0
                            select new MetricPoint(name.Index, values.Average())
               where points.Any()
               select new SvgChart($"{metric.Item.Name} by {axis.Name}", [new ChartLine("ends at", "acbd"[metric.Index % 4], [.. points], ChartLineKind.Dotted)], FromZero: false, names);
    }

    private bool IsGrid => Runs[0].Name != SweepPlan.Baseline;

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
