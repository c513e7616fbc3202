using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using MLNet.Dpo.Data;
using MLNet.Dpo.Files;

[assembly: LoadableClass(typeof(PreferenceLoader), null, typeof(SignatureLoadModel), "Preference data loader", PreferenceLoader.LoaderSignature)]

namespace MLNet.Dpo;

/// <summary>
/// Loads preference data from JSON, JSONL, concatenated JSON, CSV or TSV files (also gzipped) as a lazy <see cref="IDataView"/>: one row for each record, with
/// columns <see cref="ColumnNames.Prompt"/> or <see cref="ColumnNames.Messages"/> (text; the other of the two is empty), <see cref="ColumnNames.PromptKey"/>,
/// <see cref="ColumnNames.Responses"/> or <see cref="ColumnNames.ResponseMessages"/> (vectors of text; the other is empty), <see cref="ColumnNames.Scores"/> (vector of Single),
/// <see cref="ColumnNames.Tools"/> and <see cref="ColumnNames.ChatTemplateArguments"/> (text) and <see cref="ColumnNames.SourceRecord"/> (text, for errors).
/// </summary>
public sealed class PreferenceLoader : IDataLoader<IMultiStreamSource>
{
    internal const string LoaderSignature = "PreferenceLoader";

    private const uint WithImplicitPrompt = 0x00010002;
    private const uint WithColumns = 0x00010003;

    private readonly PreferenceReader _reader;
    private readonly IHostEnvironment? _environment;
    private readonly string? _badRowsFile;

    /// <summary>A loader with the given options, or with the defaults, that has no log.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or nobody would hear of skipped rows.</exception>
    public PreferenceLoader(Options? options = null)
        : this(null, options ?? new Options())
    {
    }

    /// <summary>A loader that says in a context's log what it leaves out: bad rows, and keys that are not used. <c>ml.Preferences.Load</c> makes such a one.</summary>
    /// <param name="environment">The context, an <see cref="MLContext"/>.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public PreferenceLoader(IHostEnvironment? environment, Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (environment is null && options is { OnBadRow: BadRowHandling.Skip, BadRowsFile: null })
            throw new ArgumentException("OnBadRow is Skip, and nobody would hear of it: set BadRowsFile, or load with ml.Preferences.Load, which has a log");
        (_environment, _badRowsFile) = (environment, options.BadRowsFile);
        _reader = new PreferenceReader(options.Format, options.AllowEmptyResponses)
        {
            ImplicitPrompt = options.ImplicitPrompt,
            IgnoredKeys = [.. options.IgnoredKeys],
            OnBadRow = options.OnBadRow,
            Columns = options.Columns?.Copy(),
        };
    }

    /// <summary>What the files hold.</summary>
    public sealed class Options
    {
        /// <summary>The records' format. Default <see cref="PreferenceFormat.Auto"/>: each record's is found by its keys, so files of several formats load together.</summary>
        public PreferenceFormat Format { get; set; } = PreferenceFormat.Auto;

        /// <summary>Whether an answer may be an empty text. Default false: it is most often a hole in the data, and training on it teaches silence.</summary>
        public bool AllowEmptyResponses { get; set; }

        /// <summary>
        /// Whether texts without a prompt begin with it: the answers' common beginning, up to the end of a word, is the prompt then. Default false: such records are an error,
        /// since what two answers have in common need not be what was asked. (Answers that are conversations say themselves where the prompt ends.)
        /// </summary>
        public bool ImplicitPrompt { get; set; }

        /// <summary>
        /// Keys of records whose texts are not needed. A text under a key that no format has is otherwise an error, so that none is lost in silence; ids, sources, scores and the like
        /// (the guide lists them) need not be named. Default none.
        /// </summary>
        public IReadOnlyCollection<string> IgnoredKeys { get; set; } = [];

        /// <summary>Which key holds what, where the names do not say it. Default null: found by the usual names. Settings are read when the loader is made.</summary>
        public RecordColumns? Columns { get; set; }

        /// <summary>What is done with a record that cannot be used. Default <see cref="BadRowHandling.Stop"/>: an error that names it.</summary>
        public BadRowHandling OnBadRow { get; set; } = BadRowHandling.Stop;

        /// <summary>
        /// A file for the list of skipped records, where <see cref="OnBadRow"/> is Skip: JSONL, each <c>{"file","record","line","reason"}</c>. It is written whole when the data have been read to
        /// their end the first time (as far as they were read, where that has not happened), in place of an older one; empty when none was bad. Default null: the log has the count and the first three.
        /// </summary>
        public string? BadRowsFile { get; set; }

        internal void Validate()
        {
            if (!Enum.IsDefined(OnBadRow))
                throw new ArgumentOutOfRangeException(nameof(OnBadRow), OnBadRow, $"{nameof(OnBadRow)} is {OnBadRow}; expected one of {string.Join(", ", Enum.GetNames<BadRowHandling>())}");
            if (BadRowsFile is not null && OnBadRow != BadRowHandling.Skip)
                throw new ArgumentException($"{nameof(BadRowsFile)} is set, and {nameof(OnBadRow)} is {OnBadRow}, so that nothing would be listed; expected OnBadRow = Skip beside it");
            Columns?.Validate();
            if (!Enum.IsDefined(Format))
                throw new ArgumentOutOfRangeException(nameof(Format), Format, $"{nameof(Format)} is {Format}; expected one of {string.Join(", ", Enum.GetNames<PreferenceFormat>())}");
            ArgumentNullException.ThrowIfNull(IgnoredKeys);
        }
    }

    /// <summary>A view of the files, in the order given. Nothing is read before a cursor moves, and one record at a time is in memory.</summary>
    /// <param name="input">The files, for example <c>new MultiFileSource("train.jsonl")</c>.</param>
    /// <exception cref="PreferenceDataException">There are no files, or one does not exist; while a cursor moves: a file or record cannot be used.</exception>
    /// <exception cref="ArgumentException">The list of bad rows would replace a file of the data, or its folder does not exist.</exception>
    public IDataView Load(IMultiStreamSource input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Load([.. Enumerable.Range(0, input.Count).Select(i => File(input, i))]);
    }

    /// <summary>A view of files that say themselves how they are opened.</summary>
    internal IDataView Load(IReadOnlyList<PreferenceFile> files)
    {
        if (files.Count == 0)
            throw new PreferenceDataException("no files were given; expected at least one file of preference data");
        CheckBadRowsFile(files);
        return new PreferenceDataView(files, _reader, new ReadingReport(_environment, _badRowsFile));
    }

    /// <summary>The columns of every view: <c>Prompt</c>, <c>Messages</c>, <c>PromptKey</c>, <c>Responses</c>, <c>ResponseMessages</c>, <c>Scores</c>, <c>Tools</c>, <c>ChatTemplateArguments</c>, <c>SourceRecord</c>.</summary>
    public DataViewSchema GetOutputSchema() => PreferenceDataView.OutputSchema;

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(_reader.Format.ToString());
        ctx.Writer.Write(_reader.AllowEmptyResponses);
        ctx.Writer.Write(_reader.ImplicitPrompt);
        ctx.Writer.Write(_reader.IgnoredKeys.Count);
        foreach (var key in _reader.IgnoredKeys)
            ctx.Writer.Write(key);
        ctx.Writer.Write(_reader.OnBadRow == BadRowHandling.Skip);
        var columns = _reader.Columns?.Named().ToArray() ?? [];
        ctx.Writer.Write(columns.Length);
        foreach (var (property, key) in columns)
        {
            ctx.Writer.Write(property);
            ctx.Writer.Write(key);
        }
    }

    private static PreferenceLoader Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(ctx);
        ctx.CheckAtModel(GetVersionInfo());
        var format = ctx.Reader.ReadString();
        if (!Enum.TryParse<PreferenceFormat>(format, out var known))
            throw new InvalidDataException($"the model's data loader has the unknown format '{format}'; expected one of {string.Join(", ", Enum.GetNames<PreferenceFormat>())}");
        var options = new Options { Format = known, AllowEmptyResponses = ctx.Reader.ReadBoolean() };
        if (ctx.Header.ModelVerWritten >= WithImplicitPrompt)
        {
            options.ImplicitPrompt = ctx.Reader.ReadBoolean();
            var keys = new List<string>();
            for (var count = ctx.Reader.ReadCount("ignored keys"); count > 0; count--)
                keys.Add(ctx.Reader.ReadString());
            options.IgnoredKeys = keys;
        }
        if (ctx.Header.ModelVerWritten >= WithColumns)
        {
            // The list of bad rows is this machine's, and is not saved.
            options.OnBadRow = ctx.Reader.ReadBoolean() ? BadRowHandling.Skip : BadRowHandling.Stop;
            for (var count = ctx.Reader.ReadCount("columns"); count > 0; count--)
                (options.Columns ??= new RecordColumns()).Set(ctx.Reader.ReadString(), ctx.Reader.ReadString());
        }
        return new PreferenceLoader(env, options);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "PREFLOAD",
        verWrittenCur: WithColumns,
        verReadableCur: WithColumns,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(PreferenceLoader).Assembly.FullName,
        loaderSignature: LoaderSignature);

    private void CheckBadRowsFile(IReadOnlyList<PreferenceFile> files)
    {
        if (_badRowsFile is null)
            return;
        var path = Path.GetFullPath(_badRowsFile);
        if (files.FirstOrDefault(file => Path.GetFullPath(file.Name) == path) is { } same)
            throw new ArgumentException($"BadRowsFile is '{_badRowsFile}', which would replace the data '{same.Name}'; expected another file");
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new ArgumentException($"BadRowsFile is '{_badRowsFile}', whose folder does not exist; create it first");
    }

    private static PreferenceFile File(IMultiStreamSource input, int index)
    {
        var path = input.GetPathOrNull(index);
        if (path is not null && !System.IO.File.Exists(path))
            throw PreferenceDataException.InFile(path, Directory.Exists(path) ? "is a folder; expected a file of preference data" : "does not exist; expected a file of preference data");
        return new PreferenceFile(path ?? $"stream {index + 1}", () => input.Open(index));
    }
}
