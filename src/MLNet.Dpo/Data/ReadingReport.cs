using System.Text;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Data.Records;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Data;

/// <summary>
/// What is to be said of reading a view: bad records and keys that are left out, prompts that ask nothing. A view is read again by each cursor; the report is given once,
/// and again only by a pass that came further.
/// </summary>
/// <param name="environment">Whose log hears of it; null for none.</param>
/// <param name="badRowsFile">The file that lists bad records; null for none.</param>
internal sealed class ReadingReport(IHostEnvironment? environment, string? badRowsFile)
{
    private readonly Lock _lock = new();
    private long _recordsSaid = -1;

    private bool HasList => badRowsFile is not null;

    /// <summary>Begins a pass over the files.</summary>
    public Pass Begin() => new(this);

    private void Say(Pass pass)
    {
        lock (_lock)
        {
            if (pass.Records <= _recordsSaid || !(pass.IsWhole || pass.Skipped > 0))
                return;
            _recordsSaid = pass.Records;
            // An empty list says that none was bad, where an earlier run may have left another.
            if (badRowsFile is not null)
                AtomicFile.Write(badRowsFile, pass.WriteList);
            using var channel = environment?.Register(nameof(PreferenceLoader)).Start("Read");
            if (pass.Skipped > 0)
                channel?.Warning(MessageSensitivity.None, "{0}", pass.DescribeSkipped(badRowsFile));
            if (pass.DescribeBlankPrompts() is { } blank)
                channel?.Warning(MessageSensitivity.None, "{0}", blank);
            foreach (var note in new[] { pass.DescribeUnused(), pass.DescribeMixture() }.Concat(pass.Leniencies))
            {
                if (note is not null)
                    channel?.Info(MessageSensitivity.None, "{0}", note);
            }
        }
    }

    /// <summary>One pass over the files, from the first record on.</summary>
    internal sealed class Pass(ReadingReport report) : IDisposable
    {
        private const int Shown = 3;

        private readonly Dictionary<string, long> _unused = [];
        private readonly List<string> _first = [];
        private readonly MemoryStream _list = new();
        private readonly List<string> _leniencies = [];
        private long _record;
        private long _single;
        private long _blankPrompts;
        private string? _firstBlankPrompt;

        /// <summary>The records read, bad ones among them.</summary>
        public long Records { get; private set; }

        /// <summary>The bad ones.</summary>
        public long Skipped { get; private set; }

        /// <summary>Whether the pass came to its end.</summary>
        public bool IsWhole { get; private set; }

        /// <summary>Why the first bad record of the file cannot be used.</summary>
        public string? FirstReason { get; private set; }

        /// <summary>Begins the next file.</summary>
        public void BeginFile() => (_record, FirstReason) = (0, null);

        /// <summary>What was read leniently, by file.</summary>
        public IReadOnlyList<string> Leniencies => _leniencies;

        /// <summary>Ends a file.</summary>
        public void EndFile(string file, string? leniency)
        {
            if (leniency is not null)
                _leniencies.Add($"'{file}' is not strict JSON and was read all the same: {leniency}");
        }

        /// <summary>Counts a record that is used.</summary>
        public void Use(PreferenceGroup group)
        {
            if (group.ResponseCount == 1)
                _single++;
            if (group.WeighsLastTurn)
                LeaveUnused("loss_weight of the last message");
            Records++;
            _record++;
            if (!group.PromptIsBlank)
                return;
            _blankPrompts++;
            _firstBlankPrompt ??= group.SourceRecord;
        }

        /// <summary>Counts a record that is left out.</summary>
        public void Skip(PreferenceDataException error)
        {
            Records++;
            Skipped++;
            _record++;
            FirstReason ??= $"record {error.Record ?? _record}: {error.Reason}";
            if (_first.Count < Shown)
                _first.Add(error.Message);
            if (report.HasList)
                _list.Write(Encoding.UTF8.GetBytes(Line(error, _record) + "\n"));
        }

        /// <summary>Counts a key of a record that says something and is not used.</summary>
        public void LeaveUnused(string key) => _unused[key] = _unused.GetValueOrDefault(key) + 1;

        /// <summary>Says that no record is left to read.</summary>
        public void Complete() => IsWhole = true;

        /// <inheritdoc/>
        public void Dispose()
        {
            report.Say(this);
            _list.Dispose();
        }

        /// <summary>Writes the bad records, a JSON object a line.</summary>
        public void WriteList(Stream stream)
        {
            _list.Position = 0;
            _list.CopyTo(stream);
        }

        /// <summary>How many were left out, and the first of them.</summary>
        public string DescribeSkipped(string? listedIn) =>
            $"{Skipped} of {Records} records {(Skipped == 1 ? "is" : "are")} left out as bad{(listedIn is null ? "" : $", listed in '{listedIn}'")}: {string.Join(" | ", _first)}"
            + (Skipped > _first.Count ? $" | and {Skipped - _first.Count} more{(listedIn is null ? "; set BadRowsFile to list them" : "")}" : "");

        /// <summary>Examples of one answer among pairs; null where all records are of one kind.</summary>
        public string? DescribeMixture() => _single == 0 || _single + Skipped == Records
            ? null
            : $"{_single} of {Records} records have one answer alone, the others several: DpoTrainer learns {(_single == 1 ? "it" : "them")} where LmLossScale is set, by the language-model loss";

        /// <summary>How many records ask nothing; null where all ask something.</summary>
        public string? DescribeBlankPrompts() => _blankPrompts == 0
            ? null
            : $"{_blankPrompts} of {Records} records {(_blankPrompts == 1 ? "has" : "have")} an empty or blank prompt, first {_firstBlankPrompt}: {(_blankPrompts == 1 ? "its answers answer" : "their answers answer")} nothing; fill it or remove the record if that is not wanted";

        /// <summary>The keys that are not used; null where there are none.</summary>
        public string? DescribeUnused() => _unused.Count == 0
            ? null
            : $"Keys that are not used, of {Records} records: {string.Join(", ", _unused.OrderByDescending(key => key.Value).ThenBy(key => key.Key, StringComparer.Ordinal).Select(key => $"'{key.Key}' ({key.Value})"))}";

        private static string Line(PreferenceDataException error, long record) => JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("file", error.File);
            writer.WriteNumber("record", error.Record ?? record);
            if (error.Line is { } line)
                writer.WriteNumber("line", line);
            writer.WriteString("reason", error.Reason);
            writer.WriteEndObject();
        });
    }
}
