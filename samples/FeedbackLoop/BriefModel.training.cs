using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;

namespace FeedbackLoop;

/// <summary>TinyChat, taught to be brief.</summary>
public static partial class BriefModel
{
    /// <summary>The model that the first round starts from.</summary>
    public static string BaseModelPath => Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat");

    /// <summary>The settings of a round. The learning rate is above what is advised for LoRA (1e-4 to 2e-4), which moves a model of 1.4 million parameters too little in so few steps.</summary>
    /// <param name="adapter">The adapter that the last round saved: training goes on from it, and its model is the reference. Null in the first round.</param>
    /// <param name="outputFolder">Where metrics and report.html go.</param>
    public static DpoTrainer.Options RoundOptions(string? adapter, string outputFolder) => new()
    {
        BaseModel = BaseModelPath,
        Lora = adapter is null ? new LoraOptions { Rank = 64, Alpha = 64 } : new LoraOptions { InitialAdapter = adapter },
        Beta = 0.5,
        LmLossScale = 1,
        LdAlpha = 0, // answers shall become shorter: only as many tokens are compared as the shorter one has
        LearningRate = 5e-4,
        Epochs = 2,
        BatchSize = 8,
        Seed = 1,
        OutputDirectory = outputFolder,
        OverwriteOutputDirectory = true,
    };

    /// <summary>Trains on pairs.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="pairs">Rows with Prompt, Responses and Scores.</param>
    /// <param name="options">Settings of the trainer.</param>
    public static TransformerChain<CausalLMTransformer> Train(MLContext mlContext, IDataView pairs, DpoTrainer.Options options)
    {
        var pipeline = mlContext.Preferences.Tokenize(options.BaseModel)
            .Append(mlContext.Preferences.Trainers.Dpo(options));

        return pipeline.Fit(pairs);
    }
}
