using System.Globalization;
using System.Text;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>Models side by side: metrics on validation data, divergence from the reference, own metrics, answers. As text it is a table for the console.</summary>
public sealed class ModelComparison
{
    private const string Nothing = "-";

    internal ModelComparison(IReadOnlyList<ModelResult> models, IReadOnlyList<string> prompts) => (Models, Prompts) = (models, prompts);

    /// <summary>The models, in the order in which they were given.</summary>
    public IReadOnlyList<ModelResult> Models { get; }

    /// <summary>The prompts that they answered; a conversation as JSON.</summary>
    public IReadOnlyList<string> Prompts { get; }

    /// <summary>Writes table, curves over a run's checkpoints and answers as one HTML file that needs nothing else, for light and dark screens.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveHtml(string path)
    {
        var page = new HtmlPage("Models compared").Heading("Metrics").Table(Head, Rows());
        foreach (var note in Notes()) page.Paragraph(note);
        var charts = Charts().ToList();
        if (charts.Count > 0) page.Heading("Over the steps").Charts(charts);
        if (Prompts.Count > 0)
        {
            page.Heading("Answers").Table(
                ["prompt", .. Models.Select(model => model.Name)],
                Prompts.Select((prompt, i) => (IReadOnlyList<string>)[prompt, .. Models.Select(model => model.Responses[i])]));
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.ToString())));
    }

    /// <summary>The table, what is to be known of it, and the answers, each cut to a line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(TextTable.Of(Head, Rows()));
        foreach (var note in Notes()) text.AppendLine().Append(note);
        var width = Models.Max(model => model.Name.Length);
        foreach (var (i, prompt) in Prompts.Index())
        {
            text.AppendLine().AppendLine().Append(OneLine.Of(prompt));
            foreach (var model in Models) text.AppendLine().Append("  ").Append(model.Name.PadRight(width)).Append("  ").Append(OneLine.Of(model.Responses[i]));
        }
        return text.ToString();
    }

    private IReadOnlyList<string> Metrics => [.. Models.SelectMany(model => model.Metrics.Keys).Distinct()];

    private IReadOnlyList<string> Head => ["model", "beta", "loss", "margin", "accuracy", "KL to reference", "tokens", .. Metrics];

    private IEnumerable<IReadOnlyList<string>> Rows() =>
        from model in Models
        select (IReadOnlyList<string>)
        [
            model.Name, Number(model.Kl is null && model.Preferences is null ? null : model.Beta), Number(model.Preferences?.Loss), Number(model.Preferences?.MeanMargin), Number(model.Preferences?.Accuracy),
            model.Kl?.ToString() ?? Nothing, Number(model.Tokens?.Mean), .. Metrics.Select(name => model.Metrics.GetValueOrDefault(name)?.ToString() ?? Nothing),
        ];

    private IEnumerable<string> Notes()
    {
        if (Models.Where(model => model.Preferences is not null).Select(model => model.Beta).Distinct().Count() > 1) yield return "The models have different beta, which scales loss and margin; accuracy and KL do not depend on it.";
        foreach (var model in Models.Where(model => model.CutShare > 0))
            yield return string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {model.CutShare:P0} of the completions for KL were cut at the token limit (MaxNewTokens).");
        foreach (var model in Models.Where(model => (model.Kl, model.Preferences) is (null, null))) yield return $"{model.Name} has no reference, so neither rewards nor KL.";
        foreach (var model in Models.Where(model => model.Preferences is { SkippedRows: > 0 })) yield return $"{model.Name}: {model.Preferences!.SkippedRows} validation rows were left out, their prompts fill its length limit.";
    }

    // A run's checkpoints make curves; those of several runs would be mixed up.
    private IEnumerable<SvgChart> Charts()
    {
        var steps = Models.Select(model => model.Step).OfType<int>().ToList();
        if (steps.Count < 2 || steps.Distinct().Count() < steps.Count) return [];
        SvgChart[] all =
        [
            Chart("loss", 'a', model => model.Preferences?.Loss), Chart("margin", 'c', model => model.Preferences?.MeanMargin), Chart("accuracy", 'b', model => model.Preferences?.Accuracy),
            Chart("KL to reference", 'd', model => model.Kl?.Mean), .. Metrics.Select(name => Chart(name, 'a', model => model.Metrics.GetValueOrDefault(name)?.Mean)),
        ];
        return all.Where(chart => chart.Lines[0].Points.Count > 0);
    }

    private SvgChart Chart(string title, char colour, Func<ModelResult, double?> value) => new(title,
    [
        new ChartLine("ends at", colour, [.. Models.Where(model => model.Step is not null).OrderBy(model => model.Step).Select(model => (model.Step, Value: value(model))).Where(p => p.Value is { } v && double.IsFinite(v)).Select(p => new MetricPoint(p.Step!.Value, p.Value!.Value))], ChartLineKind.Dotted),
    ]);

    private static string Number(double? value) => value is { } number ? number.ToString("G4", CultureInfo.InvariantCulture) : Nothing;
}
