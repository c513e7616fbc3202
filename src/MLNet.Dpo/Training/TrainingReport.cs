using System.Text.Json.Nodes;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo.Training;

/// <summary>Where a run's metrics go: the progress receiver, ML.NET's log, metrics.jsonl in the output directory, TensorBoard's event file, and the series that findings are drawn from.</summary>
/// <param name="options">The run's options.</param>
/// <param name="log">Takes lines for the log.</param>
/// <param name="checkAlive">Throws where whoever runs the training wants it to stop. Null for a run that nobody stops but by its options.</param>
internal sealed class TrainingReport(TrainingOptions options, Action<string> log, Action? checkAlive = null)
{
    // What a reader of the log wants to see pass by; everything is in the metrics file.
    private static readonly string[] Logged = ["loss", "rewards/accuracies", "rewards/margins", "grad_norm", "learning_rate"];
    private readonly MetricsFile? _file = options.OutputDirectory is { } folder ? new MetricsFile(Path.Combine(folder, MetricsFile.Name), log) : null;
    private readonly EventsFile? _events = options.TensorBoardDirectory is { } folder ? new EventsFile(folder, log) : null;
    private int _totalSteps;

    /// <summary>Every metric so far; of a resumed run also those of the steps before, where the metrics file has them.</summary>
    internal RunSeries Series { get; private set; } = new();

    /// <summary>Starts the metrics file anew, or, when a run is resumed, cuts it after the steps that are done.</summary>
    internal void Begin(int totalSteps, int stepsDone)
    {
        _totalSteps = totalSteps;
        _file?.Begin(stepsDone);
        if (stepsDone > 0 && _file?.Read() is { } before) Series = before;
    }

    /// <summary>A line for the log alone.</summary>
    internal void Note(string message) => log(message);

    /// <summary>Rows of the reference pass that are done.</summary>
    internal void Reference(int rows, int totalRows)
    {
        options.Progress?.Report(new TrainingProgress(TrainingPhase.Reference, rows, totalRows, 0, new Dictionary<string, double>()));
        checkAlive?.Invoke();
    }

    /// <summary>One optimizer step's or one evaluation's metrics.</summary>
    internal void Step(TrainingPhase phase, int step, double epoch, IReadOnlyDictionary<string, double> metrics)
    {
        options.Progress?.Report(new TrainingProgress(phase, step, _totalSteps, epoch, metrics));
        var line = new JsonObject(metrics.Select(metric => KeyValuePair.Create(metric.Key, (JsonNode?)JsonValue.Create(metric.Value)))) { ["epoch"] = epoch, ["step"] = step };
        _file?.Add(line);
        _events?.Add(step, metrics);
        Series.Add(step, metrics);
        var prefix = phase == TrainingPhase.Evaluate ? "eval_" : "";
        var logged = Logged.Where(name => metrics.ContainsKey(prefix + name)).ToDictionary(name => prefix + name, name => metrics[prefix + name]);
        log(new TrainingProgress(phase, step, _totalSteps, epoch, logged).ToString());
    }

    /// <summary>To be called between two steps; throws where the run is to stop.</summary>
    internal void ThrowIfCancelled()
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        checkAlive?.Invoke();
    }
}
