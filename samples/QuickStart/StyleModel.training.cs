using Microsoft.ML;
using MLNet.Dpo;

namespace QuickStart;

public partial class StyleModel
{
    /// <summary>The preference file that the demo writes.</summary>
    public const string RetrainFilePath = @"artifacts/quickstart/pairs.jsonl";

    /// <summary>The model that is tuned.</summary>
    public static string BaseModelPath => Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat");

    /// <summary>Train a new model with the provided dataset.</summary>
    /// <param name="outputModelPath">File path for saving the model. Should be similar to "C:\YourPath\ModelName.zip"</param>
    /// <param name="inputDataFilePath">Path to the preference file for training, in any of the formats that <c>ml.Preferences.Load</c> reads.</param>
    public static void Train(string outputModelPath, string inputDataFilePath = RetrainFilePath)
    {
        var mlContext = new MLContext(seed: 1);

        var data = LoadIDataViewFromFile(mlContext, inputDataFilePath);
        var model = RetrainModel(mlContext, data);
        SaveModel(mlContext, model, data, outputModelPath);
    }

    /// <summary>Load an <see cref="IDataView"/> from a file path.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="inputDataFilePath">Path to the preference file.</param>
    public static IDataView LoadIDataViewFromFile(MLContext mlContext, string inputDataFilePath)
    {
        return mlContext.Preferences.Load(inputDataFilePath);
    }

    /// <summary>Save a model at the specified path.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="model">Model to save.</param>
    /// <param name="data">The data used to train the model.</param>
    /// <param name="modelSavePath">File path for saving the model. Should be similar to "C:\YourPath\ModelName.zip".</param>
    public static void SaveModel(MLContext mlContext, ITransformer model, IDataView data, string modelSavePath)
    {
        mlContext.Model.Save(model, data.Schema, modelSavePath);
    }

    /// <summary>Retrain the model using the pipeline of <see cref="BuildPipeline(MLContext, DpoTrainer.Options)"/>.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="trainData">The preference data.</param>
    /// <param name="options">Settings of the trainer; those of <see cref="DefaultOptions"/> when null.</param>
    public static ITransformer RetrainModel(MLContext mlContext, IDataView trainData, DpoTrainer.Options? options = null)
    {
        var pipeline = BuildPipeline(mlContext, options ?? DefaultOptions());
        var model = pipeline.Fit(trainData);

        return model;
    }

    /// <summary>The settings that make TinyChat terse in about a minute on two CPU cores.</summary>
    public static DpoTrainer.Options DefaultOptions() => new()
    {
        BaseModel = BaseModelPath,
        LossType = DpoLossType.SigmoidNorm, // by the token, so that the language-model loss, which is by the token too, counts as much
        Beta = 0.1,
        LdAlpha = 0, // an answer is judged by how it begins, not by how long it goes on
        LmLossScale = 1,
        LearningRate = 1e-3,
        Epochs = 3,
        BatchSize = 8,
        Lora = new LoraOptions { Rank = 16, Alpha = 32 },
        Seed = 1,
    };

    /// <summary>Build the pipeline that the demo trains. Use this function to retrain the model.</summary>
    /// <param name="mlContext">The common context for all ML.NET operations.</param>
    /// <param name="options">Settings of the trainer.</param>
    public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext, DpoTrainer.Options options)
    {
        // Prompt, Chosen and Rejected become tokens; Direct Preference Optimization tunes a LoRA adapter on the base model.
        var pipeline = mlContext.Preferences.Tokenize(options.Tokenizer ?? options.BaseModel)
            .Append(mlContext.Preferences.Trainers.Dpo(options));

        return pipeline;
    }
}
