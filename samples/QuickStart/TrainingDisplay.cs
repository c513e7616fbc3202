using System.Globalization;
using MLNet.Dpo;
using Spectre.Console;

namespace QuickStart;

/// <summary>
/// Shows training as it runs: a live bar with loss, accuracy and margin on a terminal, a line every tenth of the way when the output goes elsewhere.
/// </summary>
internal static class TrainingDisplay
{
    /// <summary>Runs <paramref name="train"/>, which reports its steps to the progress it is given.</summary>
    public static T Run<T>(string title, Func<IProgress<TrainingProgress>, T> train)
    {
        if (!AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
            return train(new Reporter(Lines(title)));
        return AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var bar = context.AddTask(title);
                return train(new Reporter(step => Show(bar, title, step)));
            });
    }

    private static void Show(ProgressTask bar, string title, TrainingProgress step)
    {
        bar.MaxValue = Math.Max(1, step.TotalSteps);
        bar.Value = step.Step;
        bar.Description = $"{Place(title, step)}  [grey]{Figures(step)}[/]";
    }

    private static Action<TrainingProgress> Lines(string title)
    {
        var shown = (TrainingPhase.Reference, Tenth: -1);
        return step =>
        {
            var tenth = (step.Phase, step.Step * 10 / Math.Max(1, step.TotalSteps));
            if (tenth == shown)
                return;
            shown = tenth;
            Console.WriteLine($"   {Place(title, step)}  {Figures(step)}".TrimEnd());
        };
    }

    private static string Place(string title, TrainingProgress step)
    {
        var what = step.Phase switch
        {
            TrainingPhase.Reference => "reference of row",
            TrainingPhase.Evaluate => "validation at step",
            _ => "step",
        };
        return $"{title}: {what} {step.Step} of {step.TotalSteps}";
    }

    private static string Figures(TrainingProgress step)
    {
        var prefix = step.Phase == TrainingPhase.Evaluate ? "eval_" : "";
        (string Name, string Metric)[] figures = [("loss", "loss"), ("accuracy", "rewards/accuracies"), ("margin", "rewards/margins")];
        return string.Join("  ", figures.Where(f => step.Metrics.ContainsKey(prefix + f.Metric))
            .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {step.Metrics[prefix + f.Metric]:0.000}")));
    }

    /// <summary>Reports on the training thread, unlike <see cref="Progress{T}"/>, so that the steps are shown in order.</summary>
    private sealed class Reporter(Action<TrainingProgress> show) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => show(value);
    }
}
