using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Labeling.Rules;

namespace MLNet.Dpo.Labeling;

/// <summary>Scorers in a model zip: each under the name of its kind.</summary>
internal static class ScorerStreams
{
    internal static void Save(ModelSaveContext ctx, RowScorer scorer)
    {
        ctx.Writer.Write(scorer.GetType().Name);
        scorer.Save(ctx);
    }

    internal static RowScorer Load(IHostEnvironment env, ModelLoadContext ctx) => ctx.Reader.ReadString() switch
    {
        nameof(LengthScorer) => LengthScorer.Load(ctx),
        nameof(RegexScorer) => RegexScorer.Load(ctx.Reader),
        nameof(KeywordScorer) => KeywordScorer.Load(ctx.Reader),
        nameof(JsonScorer) => JsonScorer.Load(ctx.Reader),
        nameof(ScriptScorer) => ScriptScorer.Load(ctx.Reader),
        nameof(WeightedSumScorer) => WeightedSumScorer.Load(ctx.Reader),
        nameof(NetworkScorer) => NetworkScorer.Load(env, ctx),
        nameof(ModelScorer) => ModelScorer.Load(env, ctx),
        nameof(CalibratedScorer) => CalibratedScorer.Load(env, ctx),
        var kind => throw new InvalidDataException($"The saved model has a scorer of the unknown kind '{kind}'; it was saved by a later version of this library, so load it with that."),
    };

    internal static ITransformer LoadTransformer(IHostEnvironment env, ModelLoadContext ctx, string name)
    {
        ctx.LoadModel<ITransformer, SignatureLoadModel>(env, out var transformer, name);
        return transformer;
    }
}
