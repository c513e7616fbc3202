using System.Globalization;
using static TorchSharp.torch.utils;

namespace MLNet.Dpo.Reporting;

/// <summary>An event file for TensorBoard: every metric of every step and evaluation as a scalar. It tells of a run and never stops it: what cannot be written is said once.</summary>
/// <param name="folder">Where the file is made; each run, and each part of a resumed one, makes a file of its own.</param>
/// <param name="note">Takes lines for the log.</param>
internal sealed class EventsFile(string folder, Action<string> note)
{
    private TorchSharp.Modules.SummaryWriter? _writer;
    private bool _failed;

    /// <summary>Adds a step's metrics; those of evaluations stand beside those of training, under <c>eval/</c>.</summary>
    internal void Add(int step, IReadOnlyDictionary<string, double> metrics)
    {
        if (_failed) return;
        try
        {
            _writer ??= tensorboard.SummaryWriter(folder);
            foreach (var (name, value) in metrics) _writer.add_scalar(Tag(name), (float)value, step);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            note(string.Create(CultureInfo.InvariantCulture, $"TensorBoardDirectory is '{folder}', where events cannot be written; the training goes on without them: {e.Message.ReplaceLineEndings(" ")}"));
            _failed = true;
        }
    }

    // As transformers names them, so that runs of both stand in one chart.
    private static string Tag(string name) =>
        name.StartsWith(RunSeries.Eval, StringComparison.Ordinal) ? "eval/" + name[RunSeries.Eval.Length..] : "train/" + name;
}
