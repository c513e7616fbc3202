using System.Globalization;
using MLNet.Dpo;
using Spectre.Console;

namespace QuickStart;

/// <summary>
/// Shows training as it runs: a live bar with loss, accuracy and margin on a terminal, a line every tenth of the way when the output goes elsewhere.
/// </summary>
internal static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/>, which reports its steps to the progress it is given; stops at its next step when cancelled.</summary>
    /// <exception cref="OperationCanceledException">The user asked to stop.</exception>
    public static T Run<T>(string title, Func<IProgress<TrainingProgress>, T> train, CancellationToken cancellation)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return train(new Reporter(Lines(title), cancellation));
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var bar = context.AddTask(title);
                return train(new Reporter(step => Show(bar, title, step), cancellation));
            });
    }

    private static void Show(ProgressTask bar, string title, TrainingProgress step)
    {
        bar.MaxValue = Math.Max(1, step.TotalSteps);
        bar.Value = step.Step;
        bar.Description = $"{title}  [grey]{Figures(step)}[/]";
    }

    private static Action<TrainingProgress> Lines(string title)
    {
        var shown = -1;
        return step =>
        {
            var tenth = step.Step * 10 / Math.Max(1, step.TotalSteps);
            if (tenth == shown)
                return;
            shown = tenth;
            Console.WriteLine($"  {title}: step {step.Step} of {step.TotalSteps}  {Figures(step)}");
        };
    }

    private static string Figures(TrainingProgress step)
    {
        (string Name, string Metric)[] figures = [("loss", "loss"), ("accuracy", "rewards/accuracies"), ("margin", "rewards/margins")];
        return string.Join("  ", figures.Where(f => step.Metrics.ContainsKey(f.Metric))
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {step.Metrics[f.Metric]:0.000}")));
    }

    /// <summary>Reports on the training thread, unlike <see cref="Progress{T}"/>, so that stopping takes effect at the step that is shown.</summary>
    private sealed class Reporter(Action<TrainingProgress> show, CancellationToken cancellation) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            show(value);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
