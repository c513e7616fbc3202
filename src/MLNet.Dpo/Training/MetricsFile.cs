using System.Text;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files;
using MLNet.Dpo.Reporting;

namespace MLNet.Dpo.Training;

/// <summary>metrics.jsonl: a line for every step and evaluation. It tells of a run and never stops it: what cannot be read is cut, what cannot be written is said once.</summary>
/// <param name="path">The file; its folder must exist when lines are written.</param>
/// <param name="note">Takes lines for the log.</param>
internal sealed class MetricsFile(string path, Action<string> note)
{
    /// <summary>The file's name in the output directory.</summary>
    internal const string Name = "metrics.jsonl";
    private long _length; // of whole lines: half a line, left by a full disk, is overwritten by the next
    private bool _failed;

    /// <summary>Starts anew, or, when a run goes on, keeps the lines of the steps that are done.</summary>
    internal void Begin(int stepsDone)
    {
        _length = 0;
        if (stepsDone == 0) Append("");
        else Keep(stepsDone);
    }

    /// <summary>Adds a line.</summary>
    internal void Add(JsonObject line) => Append(line.ToJsonString() + "\n");

    /// <summary>What the file holds; null where it cannot be read.</summary>
    internal RunSeries? Read()
    {
        RunSeries? series = null;
        Try(() => series = RunSeries.Read(path));
        return series;
    }

    private void Append(string text) => Try(() =>
    {
        using var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 1);
        stream.SetLength(_length);
        stream.Position = _length;
        stream.Write(Encoding.UTF8.GetBytes(text));
        _length = stream.Length;
    });

    // Whole or not at all: a run that is killed here loses no line.
    private void Keep(int stepsDone)
    {
        var cut = 0;
        Try(() =>
        {
            var kept = new StringBuilder();
            foreach (var line in File.Exists(path) ? File.ReadLines(path) : [])
            {
                if (StepOf(line) is not { } step) cut++;
                else if (step <= stepsDone) kept.Append(line).Append('\n');
            }
            AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(kept.ToString())));
        });
        if (File.Exists(path)) _length = new FileInfo(path).Length;
        if (cut > 0) note($"{path}: {cut} torn {(cut == 1 ? "line was" : "lines were")} cut; the checkpoint does not depend on them.");
    }

    private void Try(Action access)
    {
        try
        {
            access();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failed) note($"{path} cannot be kept, the training goes on: {e.Message.ReplaceLineEndings(" ")}");
            _failed = true;
        }
    }

    private static double? StepOf(string line) =>
        JsonLine.Parse(Encoding.UTF8.GetBytes(line))?["step"] is JsonValue value && value.TryGetValue<double>(out var step) ? step : null;
}
