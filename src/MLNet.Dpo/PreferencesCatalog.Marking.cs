using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Files;
using MLNet.Dpo.Sampling;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Writes samples for a person to mark: a text file a prompt, <c>00001.txt</c> and so on, with <c>Q:</c> and <c>A[1]:</c>, <c>A[2]:</c>, ... in it. A <c>+</c> before <c>A[n]</c> says that such an
    /// answer is wanted, a <c>-</c> that it is not; lines that begin with <c>#</c> are notes. Any text comes back as it was, through any editor. Files that are there with the same samples are left as
    /// they are, marks and all, so that further prompts can be added at the end.
    /// </summary>
    /// <param name="samples">The prompts and their answers, what <c>Sample</c> gives.</param>
    /// <param name="folder">Where to write; it is made where it does not exist.</param>
    /// <returns>The number of files that are new.</returns>
    /// <exception cref="ArgumentException">A prompt has no answers.</exception>
    /// <exception cref="IOException">A file of that name holds something else, whose marks would be lost, or cannot be written; nothing is overwritten.</exception>
    /// <example><code>
    /// ml.Preferences.WriteSamples(ml.Preferences.Sample(model, prompts, sampling, samplesPerPrompt: 10), "to-mark");
    /// // ... a person marks the files in an editor ...
    /// IDataView marked = ml.Preferences.ReadMarked("to-mark");
    /// </code></example>
    public int WriteSamples(IEnumerable<PromptSamples> samples, string folder)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return MarkFolder.Write(samples, folder);
    }

    /// <summary>
    /// Reads the marks of a folder that <see cref="WriteSamples"/> wrote: a row for each prompt with a mark, in the columns of <see cref="Load(string[])"/>, with score 1 for answers marked + and 0 for
    /// those marked -, and <c>Sources</c> beside them. Answers without a mark are left out. The log says how many there are of each, and what was left out.
    /// </summary>
    /// <param name="folder">The folder of marked files.</param>
    /// <param name="allowEdits">Whether a person may have rewritten answers too. False, the default, makes a changed answer an error.</param>
    /// <returns>The groups, ready for <see cref="Tokenize(string, PreferenceTokenizingEstimator.Options)"/>.</returns>
    /// <exception cref="PreferenceDataException">A slip of the pen (an unknown mark, a mark in conflict with another, an answer that is missing or changed), with file and line; or nothing is marked.</exception>
    /// <example><code>
    /// var model = ml.Preferences.Tokenize("models/tiny-chat").Append(ml.Preferences.Trainers.Dpo("models/tiny-chat")).Fit(ml.Preferences.ReadMarked("to-mark"));
    /// </code></example>
    public IDataView ReadMarked(string folder, bool allowEdits = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var sheets = MarkFolder.Read(folder, allowEdits);
        var marked = sheets.Where(sheet => sheet.Marks.Any(mark => mark is not null)).ToList();
        if (marked.Count == 0) throw PreferenceDataException.InFile(folder, $"has {sheets.Count} files and no mark in them; put + or - before answers, as in \"+ A[1]: ...\"");
        var others = Directory.EnumerateFiles(folder).Count(path => !MarkFolder.IsSheet(path));
        using (var channel = ((IChannelProvider)_ml).Start(nameof(ReadMarked)))
        {
            channel.Info($"{marked.Count} prompts with marks: {Count(marked, true)} answers are wanted, {Count(marked, false)} are not, {Count(marked, null)} without a mark are left out"
                + $"; {sheets.Count - marked.Count} prompts without any mark and {others} files that are not .txt are left out; {marked.Count(OneSided)} prompts have marks of one kind alone, which makes no pair.");
        }
        return _ml.Data.LoadFromEnumerable(marked.Select(MarkedGroup.Of).ToList());
    }

    /// <summary>
    /// Writes a view as JSONL, an object a row: texts, numbers, truth values, times, keys by their names, vectors as arrays, missing values as null. Preference data get the keys that <see cref="Load(string[])"/>
    /// reads (<c>prompt</c>, <c>responses</c>, <c>scores</c>, or <c>chosen</c> and <c>rejected</c>; <c>source</c> for SourceRecord, nothing for PromptKey), so that they load back as they were; other columns keep
    /// their names. The file is written under a temporary name, so that an old one stays whole if writing fails.
    /// </summary>
    /// <param name="data">The rows.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <returns>The number of rows.</returns>
    /// <exception cref="ArgumentException">A column's type has no JSON, or two columns would have the same key.</exception>
    /// <exception cref="PreferenceDataException">A value has no JSON: an infinite number, half of a surrogate pair, messages that are none; the message says row and column.</exception>
    /// <exception cref="IOException">The file cannot be written; nothing is changed then.</exception>
    /// <example><code>
    /// ml.Preferences.SaveJsonLines(ml.Preferences.ReadMarked("to-mark"), "pairs.jsonl");
    /// </code></example>
    public long SaveJsonLines(IDataView data, string path)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var rows = 0L;
        AtomicFile.Write(path, stream => rows = JsonLinesWriter.Write(data, stream));
        return rows;
    }

    private static int Count(IEnumerable<MarkedSheet> sheets, bool? mark) => sheets.Sum(sheet => sheet.Marks.Count(m => m == mark));

    private static bool OneSided(MarkedSheet sheet) => sheet.Marks.OfType<bool>().Distinct().Count() == 1;
}
