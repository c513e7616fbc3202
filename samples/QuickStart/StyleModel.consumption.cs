using Microsoft.ML;
using Microsoft.ML.Data;

namespace QuickStart;

public partial class StyleModel
{
    /// <summary>Model input class for StyleModel.</summary>
    #region model input class
    public class ModelInput
    {
        /// <summary>What the user says.</summary>
        [ColumnName(@"Prompt")]
        public string Prompt { get; set; } = "";
    }
    #endregion

    /// <summary>Model output class for StyleModel.</summary>
    #region model output class
    public class ModelOutput
    {
        /// <summary>What the user said.</summary>
        [ColumnName(@"Prompt")]
        public string Prompt { get; set; } = "";

        /// <summary>What the model answers.</summary>
        [ColumnName(@"Completion")]
        public string Completion { get; set; } = "";
    }
    #endregion

    private static readonly string MLNetModelPath = Path.GetFullPath(Path.Combine("artifacts", "quickstart", "model.zip"));

    /// <summary>The engine of the model that the demo saves; loaded at the first use.</summary>
    public static readonly Lazy<PredictionEngine<ModelInput, ModelOutput>> PredictEngine = new(() => CreatePredictEngine(MLNetModelPath), true);

    /// <summary>Use this method to predict on <see cref="ModelInput"/>.</summary>
    /// <param name="input">Model input.</param>
    /// <returns><see cref="ModelOutput"/></returns>
    public static ModelOutput Predict(ModelInput input)
    {
        var predEngine = PredictEngine.Value;
        return predEngine.Predict(input);
    }

    /// <summary>The engine of the model in <paramref name="modelPath"/>.</summary>
    public static PredictionEngine<ModelInput, ModelOutput> CreatePredictEngine(string modelPath)
    {
        var mlContext = new MLContext();
        ITransformer mlModel = mlContext.Model.Load(modelPath, out var _);
        return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(mlModel);
    }
}
