using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Labeling;

[assembly: LoadableClass(typeof(ScoringTransformer), null, typeof(SignatureLoadModel), "Response scorer", ScoringTransformer.LoaderSignature)]

namespace MLNet.Dpo;

/// <summary>
/// Gives each response of a row a score: a vector of Single in one column, computed as it is read, with one pass over the source for each cursor. What a scorer of
/// <c>ml.Preferences.Scorers</c> is fitted to, and saves, loads and chains as any transformer does.
/// </summary>
public sealed class ScoringTransformer : ITransformer
{
    internal const string LoaderSignature = "ResponseScorer";
    private const uint Version = 0x00010001;

    private readonly IHost _host;

    internal ScoringTransformer(IHostEnvironment env, RowScorer scorer, string outputColumnName)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentException.ThrowIfNullOrEmpty(outputColumnName);
        _host = env.Register(nameof(ScoringTransformer));
        Scorer = scorer;
        OutputColumnName = outputColumnName;
    }

    /// <summary>The column of scores that it adds.</summary>
    public string OutputColumnName { get; }

    /// <summary>Always true.</summary>
    public bool IsRowToRowMapper => true;

    internal RowScorer Scorer { get; }

    /// <inheritdoc/>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ScoringRowMap(Scorer, OutputColumnName, inputSchema).OutputSchema;

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new RowMapper(new ScoringRowMap(Scorer, OutputColumnName, inputSchema));

    /// <inheritdoc/>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MappedDataView(new ScoringRowMap(Scorer, OutputColumnName, input.Schema), input);
    }

    /// <summary>The scorer and its settings in a few words.</summary>
    public override string ToString() => Scorer.Description;

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(OutputColumnName);
        ScorerStreams.Save(ctx, Scorer);
    }

    private static ScoringTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        var outputColumnName = ctx.Reader.ReadString();
        return new ScoringTransformer(env, ScorerStreams.Load(env, ctx), outputColumnName);
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "RESPSCOR",
        verWrittenCur: Version,
        verReadableCur: Version,
        verWeCanReadBack: Version,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(ScoringTransformer).Assembly.FullName);
}
