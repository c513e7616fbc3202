using MLNet.Dpo.Reporting;
using MLNet.Dpo.Training;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>A training run as a person looks at it, from what lies in its output directory: a run that is over, that was stopped, or that is still under way.</summary>
    /// <param name="runFolder">The run's OutputDirectory, with metrics.jsonl and, where the run wrote it, run.json.</param>
    /// <returns>The report, with what the metrics show; <see cref="RunReport.SaveHtml"/> writes it.</returns>
    /// <exception cref="FileNotFoundException">The folder has no metrics.jsonl.</exception>
    /// <exception cref="InvalidDataException">run.json is damaged, or metrics.jsonl holds no metrics.</exception>
    /// <example><code>
    /// RunReport report = ml.Preferences.Report("run");
    /// Console.WriteLine(report);
    /// report.SaveHtml("report.html");
    /// </code></example>
    public RunReport Report(string runFolder)
    {
        ArgumentNullException.ThrowIfNull(runFolder);
        var path = Path.Combine(runFolder, MetricsFile.Name);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{runFolder}' has no {MetricsFile.Name}; give the OutputDirectory of a training run.", path);
        var series = RunSeries.Read(path);
        if (series.LastStep == 0 && series.TornLines > 0)
            throw new InvalidDataException($"{path} has {series.TornLines} lines and none is a step's metrics; give the OutputDirectory of a training run.");
        return new RunReport(series, RunRecord.Read(runFolder));
    }
}
