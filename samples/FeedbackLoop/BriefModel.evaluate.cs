using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace FeedbackLoop;

public static partial class BriefModel
{
    /// <summary>Samples answers: temperature 0.7, top_k 10, top_p 0.95.</summary>
    public static IReadOnlyList<PromptSamples> Ask(MLContext mlContext, ITransformer model, IReadOnlyList<DemoPrompt> prompts, int samplesPerPrompt, CancellationToken cancellation = default)
    {
        var sampling = new GenerationOptions { Temperature = 0.7, TopK = 10, TopP = 0.95, MaxNewTokens = 64, BatchSize = 128, Seed = 1 };
        return mlContext.Preferences.Sample(model, prompts.Select(p => p.Prompt), sampling, samplesPerPrompt, cancellation);
    }

    /// <summary>Fits what scores answers, to half of people's labels: fewer words are better; the calibrator turns them into the probability that a person wants the answer.</summary>
    public static TransformerChain<ScoringTransformer> Scorer(MLContext mlContext, IDataView labels)
    {
        var scorers = mlContext.Preferences.Scorers;
        return scorers.Length(LengthGoal.Shorter, LengthUnit.Words, outputColumnName: "Brevity")
            .Append(scorers.Calibrate("Brevity"))
            .Fit(labels);
    }

    /// <summary>How well the model tells chosen from rejected responses of <paramref name="pairs"/>, which it was not trained on.</summary>
    public static PreferenceMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView pairs) =>
        mlContext.Preferences.Evaluate(mlContext.Preferences.Score(model, pairs));
}
