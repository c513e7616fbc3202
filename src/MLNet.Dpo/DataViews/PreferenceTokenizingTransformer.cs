using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Saving;

[assembly: LoadableClass(typeof(PreferenceTokenizingTransformer), null, typeof(SignatureLoadModel), "Preference tokenizer", PreferenceTokenizingTransformer.LoaderSignature)]

namespace MLNet.Dpo;

/// <summary>
/// Adds <see cref="ColumnNames.PromptTokens"/> and, where rows have responses, <see cref="ColumnNames.ResponseTokens"/>,
/// <see cref="ColumnNames.ResponseLengths"/> and <see cref="ColumnNames.PromptIsPrefix"/>. Rows with Chosen and Rejected columns also get <see cref="ColumnNames.Scores"/>, 1 and 0; so do rows whose scores have another name.
/// Nothing is cut here: trainers know the length limit.
/// </summary>
public sealed class PreferenceTokenizingTransformer : ITransformer
{
    internal const string LoaderSignature = "PreferenceTokenizer";
    private const uint WithInputColumns = 0x00010002;
    private const uint WithTemplateSettings = 0x00010003;

    private readonly IHost _host;

    internal PreferenceTokenizingTransformer(IHostEnvironment env, ChatTokenizer tokenizer, TemplateSettings settings, InputColumnNames inputColumns)
    {
        _host = env.Register(nameof(PreferenceTokenizingTransformer));
        ChatTokenizer = tokenizer;
        Settings = settings;
        InputColumns = inputColumns;
        PreferenceTokenizer = new PreferenceTokenizer(tokenizer, settings);
        RowTokenizer = new RowTokenizer(PreferenceTokenizer, tokenizer, settings.AppliesChatTemplate);
    }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer => ChatTokenizer.Tokenizer;

    /// <summary>Whether prompts are put into the tokenizer's chat template.</summary>
    public bool AppliesChatTemplate => Settings.AppliesChatTemplate;

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    internal ChatTokenizer ChatTokenizer { get; }

    internal TemplateSettings Settings { get; }

    internal InputColumnNames InputColumns { get; }

    internal PreferenceTokenizer PreferenceTokenizer { get; }

    internal RowTokenizer RowTokenizer { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new TokenizingRowMap(this, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new TokenizingRowMap(this, inputSchema));

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(new TokenizingRowMap(this, input.Schema), input);
    }

    /// <summary>Whether the other makes the same tokens of the same texts, as far as can be known.</summary>
    internal bool TokenizesAs(PreferenceTokenizingTransformer other) =>
        ChatTokenizer.SameVocabularyAs(other.ChatTokenizer)
        && Settings.SameForData(other.Settings)
        && (!AppliesChatTemplate || ChatTokenizer.ChatTemplates.SameAs(other.ChatTokenizer.ChatTemplates));

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(AppliesChatTemplate);
        InputColumns.Write(ctx.Writer);
        ctx.Writer.Write(Settings.Json);
        TokenizerStreams.Save(ctx, ChatTokenizer.FilesToSave);
    }

    private static PreferenceTokenizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        var appliesChatTemplate = ctx.Reader.ReadBoolean();
        var inputColumns = ctx.Header.ModelVerWritten >= WithInputColumns ? InputColumnNames.Read(ctx.Reader) : new InputColumnNames();
        var settings = new TemplateSettings(appliesChatTemplate);
        if (ctx.Header.ModelVerWritten >= WithTemplateSettings) settings = settings.With(ctx.Reader.ReadString());
        return new PreferenceTokenizingTransformer(env, new ChatTokenizer(HuggingFaceTokenizer.Load(TokenizerStreams.Load(ctx))), settings, inputColumns);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "PREFTOKN",
        verWrittenCur: WithTemplateSettings,
        verReadableCur: WithTemplateSettings,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(PreferenceTokenizingTransformer).Assembly.FullName);
}
