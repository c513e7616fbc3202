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

    /// <summary>What is done with a record that cannot be used.</summary>
    public BadRowHandling OnBadRow { get; init; }

    /// <summary>Which keys hold what, where that is given.</summary>
    public RecordColumns? Columns { get; init; }

    /// <summary>Reads all files; each is opened when its turn comes and closed after its last record.</summary>
    /// <param name="files">The files.</param>
    /// <param name="report">Hears what is left out; null where nobody listens.</param>
    /// <exception cref="PreferenceDataException">While enumerating: a file cannot be read, is malformed, holds no records or a bad one.</exception>
    public IEnumerable<PreferenceGroup> Read(IEnumerable<PreferenceFile> files, ReadingReport? report = null)
    {
        using var pass = (report ?? new ReadingReport(null, null)).Begin();
        var records = new PreferenceRecordReader(this, pass);
        foreach (var file in files)
        {
            pass.BeginFile();
            var skipped = pass.Skipped;
            var count = 0L;
            using var reader = file.OpenRecords();
            while (Next(reader, records, pass) is { } group)
            {
                count++;
                yield return group;
            }
            pass.EndFile(file.Name, reader.Leniency);
            if (count == 0)
            {
                throw PreferenceDataException.InFile(file.Name, pass.Skipped == skipped
                    ? "has no records; expected at least one"
                    : $"has no record that can be used: {(pass.Skipped == skipped + 1 ? "the only one is" : $"all {pass.Skipped - skipped} are")} bad ({pass.FirstReason})");
            }
        }
        pass.Complete();
    }

    /// <summary>The next record that can be used; null at the end of the file.</summary>
    private PreferenceGroup? Next(IRecordReader reader, PreferenceRecordReader records, ReadingReport.Pass pass)
    {
        while (true)
        {
            JsonRecord? record = null;
            try
            {
                if (!reader.TryRead(out record))
                    return null;
                var group = records.Read(record) with { SourceRecord = record.Place };
                pass.Use(group);
                return group;
            }
            catch (PreferenceDataException e) when (OnBadRow == BadRowHandling.Skip)
            {
                if (record is null && !reader.TrySkip(e))
                    throw;
                pass.Skip(e);
            }
            finally
            {
                record?.Dispose();
            }
        }
    }
}
