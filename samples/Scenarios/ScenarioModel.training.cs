using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;

namespace Scenarios;

/// <summary>TinyChat, tuned for one scenario.</summary>
public static partial class ScenarioModel
{
    /// <summary>The model that is tuned.</summary>
    public static string BaseModelPath => Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat");

    /// <summary>The settings. The learning rate is above what is advised for LoRA (1e-4 to 2e-4), which moves a model of 1.4 million parameters too little in so few steps.</summary>
    public static DpoTrainer.Options DefaultOptions() => new()
    {
        BaseModel = BaseModelPath,
        Lora = new LoraOptions { Rank = 64, Alpha = 64 },
        Beta = 0.5,
        LmLossScale = 1,
        LearningRate = 5e-4,
        Epochs = 3,
        BatchSize = 8,
        Seed = 1,
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
