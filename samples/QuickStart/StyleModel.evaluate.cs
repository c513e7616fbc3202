using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;
using TinyChat;

namespace QuickStart;

public partial class StyleModel
{
    /// <summary>How answers are sampled, here and for the pairs: temperature 0.7, top_k 10, top_p 0.95.</summary>
    public static GenerationOptions Sampling(int seed) => new()
    {
        Temperature = 0.7,
        TopK = 10,
        TopP = 0.95,
        MaxNewTokens = 64,
        BatchSize = 160,
        Seed = seed,
    };

    /// <summary>
    /// How well the model tells chosen from rejected responses: accuracy and margin of the implicit rewards.
    /// </summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="model">The tuned model.</param>
    /// <param name="data">Preference data that the model was not trained on.</param>
    public static PreferenceMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data)
    {
        return mlContext.Preferences.Evaluate(model.Transform(data));
    }

    /// <summary>The same by ML.NET's own evaluator: each pair is an example whose label says which of the two responses was chosen.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="model">The tuned model.</param>
    /// <param name="data">Preference data that the model was not trained on.</param>
    public static BinaryClassificationMetrics EvaluateBinary(MLContext mlContext, ITransformer model, IDataView data)
    {
        var pairs = mlContext.Preferences.ToPairs(model.Transform(data));
        return mlContext.BinaryClassification.EvaluateNonCalibrated(pairs);
    }

    /// <summary>Samples answers and judges their style and correctness.</summary>
    internal static IReadOnlyList<JudgedAnswer> Ask(
        MLContext mlContext, ITransformer model, IReadOnlyList<DemoPrompt> prompts, int samplesPerPrompt, int seed, CancellationToken cancellation) =>
        JudgedAnswer.Judge(prompts, mlContext.Preferences.Sample(model, prompts.Select(p => p.Prompt), Sampling(seed), samplesPerPrompt, cancellation));
}
