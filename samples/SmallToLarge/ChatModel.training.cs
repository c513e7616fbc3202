using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo;

namespace SmallToLarge;

/// <summary>A TinyChat of one size or the other, taught to be brief.</summary>
public static partial class ChatModel
{
    /// <summary>1.4 million weights: options are tried on it.</summary>
    public static string Small => Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat");

    /// <summary>4.6 million weights: it is trained once, with what the small one taught.</summary>
    public static string Large => Path.Combine(AppContext.BaseDirectory, "models", "small-chat");

    /// <summary>What every run of the sweep starts from. The learning rates are above what is advised for LoRA (1e-4 to 2e-4), which moves so small a model too little in so few steps.</summary>
    public static DpoTrainer.Options Baseline() => new()
    {
        BaseModel = Small,
        Lora = new LoraOptions { Rank = 64, Alpha = 64 },
        Beta = 0.3,
        LmLossScale = 1,
        LdAlpha = 0, // answers shall become shorter: only as many tokens are compared as the shorter one has
        LearningRate = 5e-4,
        Epochs = 2,
        BatchSize = 8,
        Seed = 1,
    };

    /// <summary>What is varied, one at a time.</summary>
    public static IReadOnlyList<SweepAxis> Axes =>
    [
        SweepAxis.Of("LearningRate", o => o.LearningRate, (o, value) => o.LearningRate = value, 2e-4, 5e-4, 1e-3),
        SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.Beta = value, 0.1, 0.3, 0.5),
    ];

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
