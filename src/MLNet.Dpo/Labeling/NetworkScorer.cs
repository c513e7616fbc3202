using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A chat model's own opinion of responses. The model runs within the scorer: only its score becomes a column, and a row's responses run side by side.</summary>
internal sealed class NetworkScorer(ITransformer chain, NetworkScore score, int maxLength, TruncationMode truncation) : RowScorer
{
    internal override string Description => score.ToString();

    internal override void CheckShape(SchemaShape input)
    {
        // The model's tokenizer says what it needs when it sees the schema itself.
    }

    internal override BoundScorer Bind(DataViewSchema input)
    {
        var mapper = chain.GetRowToRowMapper(input);
        DataViewSchema.Column Column(string name) => mapper.OutputSchema.GetColumnOrNull(name)
            ?? throw new ArgumentException($"The model gives no column {name} for these rows; give rows with {ColumnNames.Responses}, or with {ColumnNames.Chosen} and {ColumnNames.Rejected}.");
        if (score == NetworkScore.ImplicitReward) return Bound(mapper, [Column(ColumnNames.Rewards)], (row, wanted) => ColumnReader.Values<float>(row, wanted[0]));
        var logps = Column(ColumnNames.Logps);
        var tokens = TokenColumns.Find(mapper.OutputSchema, needsScores: false);
        DataViewSchema.Column[] needed = [logps, tokens.Prompt, tokens.Responses!.Value, tokens.Lengths!.Value];
        return Bound(mapper, needed, (row, _) => MeanLogps(ColumnReader.Values<float>(row, logps), tokens.CreateReader(row)));
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write((int)score);
        ctx.Writer.Write(maxLength);
        ctx.Writer.Write((int)truncation);
        ctx.SaveModel(chain, "Network");
    }

    internal static NetworkScorer Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        var (score, maxLength, truncation) = ((NetworkScore)ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), (TruncationMode)ctx.Reader.ReadInt32());
        return new NetworkScorer(ScorerStreams.LoadTransformer(env, ctx, "Network"), score, maxLength, truncation);
    }

    private static BoundScorer Bound(IRowToRowMapper mapper, DataViewSchema.Column[] wanted, Func<DataViewRow, DataViewSchema.Column[], Func<float[]>> createReader) =>
        new([.. mapper.GetDependencies(wanted)], row => createReader(mapper.GetRow(row, wanted), wanted));

    private Func<float[]> MeanLogps(Func<float[]> readLogps, Func<TokenizedRow> readTokens) => () =>
    {
        var logps = readLogps();
        return [.. readTokens().Group.PerToken(logps, maxLength, truncation).Select(logp => (float)logp)];
    };
}

/// <summary>Which of a chat model's numbers is the score.</summary>
internal enum NetworkScore
{
    /// <summary>β · (log-probability - the reference's).</summary>
    ImplicitReward,

    /// <summary>Log-probability a token.</summary>
    MeanLogp,
}
