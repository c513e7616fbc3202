using System.Globalization;
using System.Text;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo;

/// <summary>A training run as a person looks at it: its curves, what they show and what to do about it, its options and data, what its model said before and after.</summary>
public sealed class RunReport
{
    /// <summary>The report's file name in a run's output directory.</summary>
    public const string FileName = "report.html";

    private readonly RunSeries _series;
    private readonly RunRecord _run;

    internal RunReport(RunSeries series, RunRecord run)
    {
        (_series, _run) = (series, run);
        Findings = TrainingFindings.Of(series, run);
    }

    /// <summary>The metrics.</summary>
    internal RunSeries Series => _series;

    /// <summary>Options and data.</summary>
    internal RunRecord Run => _run;

    /// <summary>What the metrics show; empty for a healthy run.</summary>
    public IReadOnlyList<TrainingFinding> Findings { get; }

    /// <summary>Writes the report as one HTML file that needs nothing else: no script, no font, no network; for light and dark screens.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveHtml(string path) => Save(path, ToHtml());

    /// <summary>Writes the curves of loss, accuracy and margin as one SVG picture.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="title">What the picture is called for those who do not see it.</param>
    /// <exception cref="IOException">It cannot be written; an old file stays as it was.</exception>
    public void SaveCurves(string path, string title = "Training curves") => Save(path, SvgChart.File(title,
    [
        Compared("loss", "loss", 'a'),
        Compared("accuracy", "rewards/accuracies", 'b'),
        Compared("margin", "rewards/margins", 'c'),
    ]));

    /// <summary>The findings, one a line.</summary>
    public override string ToString() => Findings.Count > 0 ? string.Join(Environment.NewLine, Findings) : "Nothing in the metrics calls for a change.";

    /// <summary>The report as HTML.</summary>
    internal string ToHtml()
    {
        var page = new HtmlPage("Training report").Paragraph(string.Create(CultureInfo.InvariantCulture, $"{_series.LastStep:0} optimizer steps.") + (_series.TornLines > 0 ? $" {_series.TornLines} lines of the metrics were torn and are left out." : ""));
        page.Heading("What the metrics show");
        foreach (var finding in Findings) page.Finding(NameOf(finding.Kind), finding.Message, finding.Remedy);
        if (Findings.Count == 0) page.Paragraph(ToString(), "good");
        if (!_series.HasEvaluations) page.Paragraph("There was no validation set, without which overfitting is not seen; give ValidationSet.");
        page.Heading("Curves").Paragraph("Faint: each step. Bold: smoothed. Dots: validation data. The number beside a name is where its line ends.").Charts(Charts());
        if (_run.Samples.Count > 0)
            page.Heading("Samples").Table(["prompt", "before", "after"], _run.Samples.Select(s => (IReadOnlyList<string>)[s.Prompt, s.Before, s.After]));
        if (_run.Data.Count > 0) page.Heading("Data").Table(["", "training", "validation"], DataRows());
        if (_run.Options.Count > 0) page.Heading("Options").Table(["option", "value"], _run.Options.Select(v => (IReadOnlyList<string>)[v.Key, v.Value]));
        return page.ToString();
    }

    private IEnumerable<SvgChart> Charts()
    {
        SvgChart[] all =
        [
            Compared(_series["dpo_loss"].Count > 0 ? "dpo_loss" : "loss", _series["dpo_loss"].Count > 0 ? "dpo_loss" : "loss", 'a'),
            Compared("lm_loss", "lm_loss", 'd'),
            Compared("accuracy", "rewards/accuracies", 'b'),
            Compared("margin", "rewards/margins", 'c'),
            Sides("log-probabilities, training", "logps", ""),
            Sides("log-probabilities, validation", "logps", RunSeries.Eval),
            Sides("rewards", "rewards", _series.HasEvaluations ? RunSeries.Eval : ""),
            Sides("response lengths, tokens", "lengths", "", fromZero: true),
            Alone("learning rate", "learning_rate", 'a', ChartLineKind.Exact),
            Alone("gradient norm, before clipping", "grad_norm", 'd', ChartLineKind.Noisy),
        ];
        return all.Where(chart => chart.Lines.Any(line => line.Points.Count > 0));
    }

    private SvgChart Compared(string title, string metric, char colour) => new(title,
        [new ChartLine("training", colour, _series[metric]), new ChartLine("validation", colour, _series[RunSeries.Eval + metric], ChartLineKind.Dotted)]);

    private SvgChart Sides(string title, string metric, string prefix, bool fromZero = false) => new(title,
        [new ChartLine("chosen", 'b', _series[$"{prefix}{metric}/chosen"], KindOf(prefix)), new ChartLine("rejected", 'd', _series[$"{prefix}{metric}/rejected"], KindOf(prefix))], fromZero);

    private static ChartLineKind KindOf(string prefix) => prefix.Length > 0 ? ChartLineKind.Dotted : ChartLineKind.Noisy;

    private SvgChart Alone(string title, string metric, char colour, ChartLineKind kind) => new(title, [new ChartLine("ends at", colour, _series[metric], kind)]);

    private IEnumerable<IReadOnlyList<string>> DataRows() =>
        from value in _run.Data
        where !value.Key.StartsWith(RunRecord.Validation, StringComparison.Ordinal)
        select (IReadOnlyList<string>)[value.Key, value.Value, _run.Data.GetValueOrDefault(RunRecord.Validation + value.Key, "")];

    private static void Save(string path, string text) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static string NameOf(TrainingFindingKind kind) => kind switch
    {
        TrainingFindingKind.Overfitting => "Overfitting",
        TrainingFindingKind.ChosenFalling => "Chosen responses fall with rejected ones",
        TrainingFindingKind.MarginByLength => "Margin by length alone",
        TrainingFindingKind.Saturated => "Saturated",
        TrainingFindingKind.TooManyCut => "Too many rows are cut",
        TrainingFindingKind.LearningRateTooHigh => "Learning rate too high",
        TrainingFindingKind.NothingLearned => "Nothing learned",
        TrainingFindingKind.FlatFromStart => "Loss flat from the start",
        _ => "Not converged",
    };
}
