using System.Globalization;
using System.Text;
using System.Text.Json;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Reporting;

/// <summary>One value of a metric.</summary>
/// <param name="Step">Optimizer steps done then.</param>
/// <param name="Value">The metric's value.</param>
internal readonly record struct MetricPoint(double Step, double Value);

/// <summary>A run's metrics as series by name; those of evaluations have names that begin with <c>eval_</c>.</summary>
internal sealed class RunSeries
{
    /// <summary>What the names of evaluations' metrics begin with.</summary>
    internal const string Eval = "eval_";

    private readonly Dictionary<string, List<MetricPoint>> _series = [];

    /// <summary>The metric's values in the order of steps; empty where there are none.</summary>
    internal IReadOnlyList<MetricPoint> this[string name] => _series.TryGetValue(name, out var points) ? points : [];

    /// <summary>Lines of a file that were no metrics of a step.</summary>
    internal int TornLines { get; private set; }

    /// <summary>Whether there was an evaluation.</summary>
    internal bool HasEvaluations => _series.Keys.Any(name => name.StartsWith(Eval, StringComparison.Ordinal));

    /// <summary>Steps done at the end.</summary>
    internal double LastStep => _series.Values.Select(points => points[^1].Step).DefaultIfEmpty(0).Max();

    /// <summary>Adds one step's or evaluation's metrics; what is no finite number is left out.</summary>
    internal void Add(double step, IEnumerable<KeyValuePair<string, double>> metrics)
    {
        foreach (var (name, value) in metrics)
        {
            if (!double.IsFinite(value)) continue;
            if (!_series.TryGetValue(name, out var points)) _series[name] = points = [];
            points.Add(new MetricPoint(step, value));
        }
    }

    /// <summary>Reads a metrics file; a line that is torn is counted and passed over.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    internal static RunSeries Read(string path)
    {
        var series = new RunSeries();
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
        {
            if (Numbers(line) is { } numbers && numbers.Remove("step", out var step)) series.Add(step, numbers);
            else series.TornLines++;
        }
        return series;
    }

    private static Dictionary<string, double>? Numbers(string line) => JsonLine.Parse(Encoding.UTF8.GetBytes(line))?
        .Where(p => p.Value?.GetValueKind() == JsonValueKind.Number)
        .ToDictionary(p => p.Key, p => double.Parse(p.Value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture));
}
