using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using MLNet.Dpo;
using Spectre.Console;
using TinyChat;

namespace QuickStart;

/// <summary>Everything that the demo says on the console.</summary>
internal sealed class Storyteller
{
    private const int RedirectedWidth = 160;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _step;

    /// <summary>A storyteller on the standard output.</summary>
    public Storyteller()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Profile.Width = RedirectedWidth;
        AnsiConsole.Profile.Capabilities.Ansi = false;
    }

    /// <summary>The headline.</summary>
    public void Title(string title) => AnsiConsole.Write(new Rule($"[bold]{title.EscapeMarkup()}[/]").LeftJustified());

    /// <summary>The next numbered step, with the time since the start.</summary>
    public void Step(string what)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold blue]{++_step}.[/] [bold]{what.EscapeMarkup()}[/] [grey]({_clock.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s)[/]");
    }

    /// <summary>A plain remark.</summary>
    public void Say(string what) => AnsiConsole.MarkupLine("   " + what.TrimEnd().EscapeMarkup());

    /// <summary>The answers to one prompt, the most frequent first; those of style <paramref name="wish"/> in green, wrong ones in red.</summary>
    public void Answers(IReadOnlyList<JudgedAnswer> answers, AnswerStyle wish)
    {
        Say($"Q: {answers[0].Prompt.Prompt}");
        foreach (var group in answers.GroupBy(a => a.Response).OrderByDescending(g => g.Count()))
        {
            var colour = !group.First().Sensible ? "red" : group.First().Style == wish ? "green" : "yellow";
            AnsiConsole.MarkupLine($"   [grey]{group.Count(),3} x[/] [{colour}]{group.Key.ReplaceLineEndings(" ").EscapeMarkup()}[/]");
        }
    }

    /// <summary>The mix of styles.</summary>
    public void Mix(AnswerMetrics metrics) => AnsiConsole.MarkupLine(
        $"   Of {metrics.Answers} answers {Percent(metrics.Terse)} are terse, {Percent(metrics.Lengthy)} lengthy; "
        + $"{Percent(metrics.Sensible)} make sense, and {Percent(metrics.Correct)} of those with a known answer are right.");

    /// <summary>Before and after, side by side.</summary>
    public void Compare(AnswerMetrics before, AnswerMetrics after, AnswerStyle wish)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn("held-out prompts").AddColumn("before").AddColumn("after");
        (string Name, Func<AnswerMetrics, double> Value)[] rows =
            [(Named(AnswerStyle.Terse, wish), m => m.Terse), (Named(AnswerStyle.Lengthy, wish), m => m.Lengthy), ("right, where the answer is known", m => m.Correct), ("sensible", m => m.Sensible)];
        foreach (var (name, value) in rows)
            table.AddRow(name, Percent(value(before)), $"[bold]{Percent(value(after))}[/]");
        AnsiConsole.Write(new Padder(table, new Padding(3, 0, 0, 0)));
    }

    /// <summary>What the preference metrics and ML.NET's own evaluator say.</summary>
    public void Preferences(PreferenceMetrics metrics, BinaryClassificationMetrics binary)
    {
        Say(string.Create(CultureInfo.InvariantCulture, $"ml.Preferences.Evaluate: accuracy {Percent(metrics.Accuracy)}, mean margin {metrics.MeanMargin:0.00}, loss {metrics.Loss:0.000}."));
        Say(string.Create(CultureInfo.InvariantCulture, $"ml.BinaryClassification.EvaluateNonCalibrated: accuracy {Percent(binary.Accuracy)}, area under the ROC curve {binary.AreaUnderRocCurve:0.000}."));
    }

    /// <summary>Where the results are.</summary>
    public void Done(DirectoryInfo output)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.MarkupLine($"[bold green]Done[/] in {_clock.Elapsed.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s. In {output.FullName.EscapeMarkup()}:");
        foreach (var file in output.EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
            Say(string.Create(CultureInfo.InvariantCulture, $"{file.Name}  {file.Length / 1024.0:0.0} kB"));
    }

    private static string Named(AnswerStyle style, AnswerStyle wish) => $"{style}".ToLowerInvariant() + (style == wish ? ": the wanted style" : "");

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}
