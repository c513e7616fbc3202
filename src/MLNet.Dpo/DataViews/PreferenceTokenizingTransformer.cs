using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Saving;

[assembly: LoadableClass(typeof(PreferenceTokenizingTransformer), null, typeof(SignatureLoadModel), "Preference tokenizer", PreferenceTokenizingTransformer.LoaderSignature)]

namespace MLNet.Dpo;

/// <summary>
/// Adds <see cref="ColumnNames.PromptTokens"/> and, where rows have responses, <see cref="ColumnNames.ResponseTokens"/> and
/// <see cref="ColumnNames.ResponseLengths"/>. Rows with Chosen and Rejected columns also get <see cref="ColumnNames.Scores"/>, 1 and 0.
/// Nothing is cut here: trainers know the length limit.
/// </summary>
public sealed class PreferenceTokenizingTransformer : ITransformer
{
    internal const string LoaderSignature = "PreferenceTokenizer";

    private readonly IHost _host;

    internal PreferenceTokenizingTransformer(IHostEnvironment env, HuggingFaceTokenizer tokenizer, bool appliesChatTemplate)
    {
        _host = env.Register(nameof(PreferenceTokenizingTransformer));
        Tokenizer = tokenizer;
        AppliesChatTemplate = appliesChatTemplate;
        PreferenceTokenizer = new PreferenceTokenizer(tokenizer, appliesChatTemplate);
    }

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>Whether prompts are put into the tokenizer's chat template.</summary>
    public bool AppliesChatTemplate { get; }

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    internal PreferenceTokenizer PreferenceTokenizer { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new TokenizingRowMap(PreferenceTokenizer, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new TokenizingRowMap(PreferenceTokenizer, inputSchema));

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(new TokenizingRowMap(PreferenceTokenizer, input.Schema), input);
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(AppliesChatTemplate);
        TokenizerStreams.Save(ctx, Tokenizer.Files);
    }

    private static PreferenceTokenizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        var appliesChatTemplate = ctx.Reader.ReadBoolean();
        return new PreferenceTokenizingTransformer(env, HuggingFaceTokenizer.Load(TokenizerStreams.Load(ctx)), appliesChatTemplate);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "PREFTOKN",
        verWrittenCur: 0x00010002, // the tokenizer's files are shared with the other links
        verReadableCur: 0x00010002,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(PreferenceTokenizingTransformer).Assembly.FullName);
}
