using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using MLNet.Dpo.Data;

[assembly: LoadableClass(typeof(PreferenceLoader), null, typeof(SignatureLoadModel), "Preference data loader", PreferenceLoader.LoaderSignature)]

namespace MLNet.Dpo;

/// <summary>
/// Loads preference data from JSON, JSONL or concatenated JSON files (also gzipped) as a lazy <see cref="IDataView"/>: one row for each record, with
/// columns <see cref="ColumnNames.Prompt"/> or <see cref="ColumnNames.Messages"/> (text; the other of the two is empty), <see cref="ColumnNames.PromptKey"/>,
/// <see cref="ColumnNames.Responses"/> or <see cref="ColumnNames.ResponseMessages"/> (vectors of text; the other is empty), <see cref="ColumnNames.Scores"/> (vector of Single),
/// <see cref="ColumnNames.Tools"/> and <see cref="ColumnNames.ChatTemplateArguments"/> (text) and <see cref="ColumnNames.SourceRecord"/> (text, for errors).
/// </summary>
public sealed class PreferenceLoader : IDataLoader<IMultiStreamSource>
{
    internal const string LoaderSignature = "PreferenceLoader";

    private const uint WithImplicitPrompt = 0x00010002;

    private readonly PreferenceReader _reader;

    /// <summary>A loader with the given options, or with the defaults.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public PreferenceLoader(Options? options = null)
    {
        options ??= new Options();
        options.Validate();
        _reader = new PreferenceReader(options.Format, options.AllowEmptyResponses) { ImplicitPrompt = options.ImplicitPrompt, IgnoredKeys = [.. options.IgnoredKeys] };
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

        internal void Validate()
        {
            if (!Enum.IsDefined(Format))
                throw new ArgumentOutOfRangeException(nameof(Format), Format, $"{nameof(Format)} is {Format}; expected one of {string.Join(", ", Enum.GetNames<PreferenceFormat>())}");
            ArgumentNullException.ThrowIfNull(IgnoredKeys);
        }
    }

    /// <summary>A view of the files, in the order given. Nothing is read before a cursor moves, and one record at a time is in memory.</summary>
    /// <param name="input">The files, for example <c>new MultiFileSource("train.jsonl")</c>.</param>
    /// <exception cref="PreferenceDataException">There are no files, or one does not exist; while a cursor moves: a file or record cannot be used.</exception>
    public IDataView Load(IMultiStreamSource input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Count == 0)
            throw new PreferenceDataException("no files were given; expected at least one file of preference data");
        var files = Enumerable.Range(0, input.Count).Select(i => File(input, i)).ToArray();
        return new PreferenceDataView(files, _reader);
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
            for (var count = ctx.Reader.ReadInt32(); count > 0; count--)
                keys.Add(ctx.Reader.ReadString());
            options.IgnoredKeys = keys;
        }
        return new PreferenceLoader(options);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "PREFLOAD",
        verWrittenCur: WithImplicitPrompt,
        verReadableCur: WithImplicitPrompt,
        verWeCanReadBack: 0x00010001,
        loaderAssemblyName: typeof(PreferenceLoader).Assembly.FullName,
        loaderSignature: LoaderSignature);

    private static PreferenceFile File(IMultiStreamSource input, int index)
    {
        var path = input.GetPathOrNull(index);
        if (path is not null && !System.IO.File.Exists(path))
            throw PreferenceDataException.InFile(path, Directory.Exists(path) ? "is a folder; expected a file of preference data" : "does not exist; expected a file of preference data");
        return new PreferenceFile(path ?? $"stream {index + 1}", () => input.Open(index));
    }
}
