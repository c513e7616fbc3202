using MLNet.Dpo.Data.Json;
using MLNet.Dpo.Data.Records;

namespace MLNet.Dpo.Data;

/// <summary>Reads the groups of one or many files, lazily and in order.</summary>
/// <param name="Format">The records' format, or <see cref="PreferenceFormat.Auto"/>.</param>
/// <param name="AllowEmptyResponses">Whether an answer may be an empty text.</param>
internal sealed record PreferenceReader(PreferenceFormat Format, bool AllowEmptyResponses)
{
    /// <summary>Whether texts without a prompt begin with it.</summary>
    public bool ImplicitPrompt { get; init; }

    /// <summary>Keys whose texts may be left out.</summary>
    public IReadOnlyList<string> IgnoredKeys { get; init; } = [];

    /// <summary>Reads all files; each is opened when its turn comes and closed after its last record.</summary>
    /// <exception cref="PreferenceDataException">While enumerating: a file cannot be read, is not JSON, holds no records or a bad one, or pairs and plain examples are mixed.</exception>
    public IEnumerable<PreferenceGroup> Read(IEnumerable<PreferenceFile> files)
    {
        var records = new PreferenceRecordReader(this);
        var kind = new RecordKind();
        foreach (var file in files)
        {
            var count = 0L;
            using var reader = new JsonRecordReader(file.OpenText(), file.Name);
            while (reader.TryRead(out var record))
            {
                PreferenceGroup group;
                using (record)
                {
                    group = records.Read(record) with { SourceRecord = record.Place };
                    kind.Check(record, group, file.Name);
                }
                count++;
                yield return group;
            }
            if (count == 0)
                throw PreferenceDataException.InFile(file.Name, "has no records; expected at least one");
        }
    }

    /// <summary>
    /// Holds all records to one kind: a plain example among pairs is most often a pair that lost an answer, and a pair among plain examples
    /// would lose its preference. A group that states its own scores is of either kind when it has one response.
    /// </summary>
    private sealed class RecordKind
    {
        private bool? _isPair;
        private string? _file;

        public void Check(JsonRecord record, PreferenceGroup group, string file)
        {
            var isPair = group.ResponseCount > 1;
            if (!isPair && GroupRecord.Is(record.Root))
                return;
            (_isPair, _file) = (_isPair ?? isPair, _file ?? file);
            if (isPair == _isPair)
                return;
            throw record.Error(isPair
                ? $"a pair of answers among plain examples ('{_file}' begins with one); expected one kind: load them apart"
                : $"one answer alone among pairs ('{_file}' begins with one); expected 'chosen' and 'rejected': add the other answer or remove the record");
        }
    }
}
