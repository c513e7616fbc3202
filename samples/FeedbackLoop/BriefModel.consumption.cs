using Microsoft.ML;

namespace FeedbackLoop;

public static partial class BriefModel
{
    /// <summary>What the user says.</summary>
    public class ModelInput
    {
        /// <summary>The user's text.</summary>
        public string Prompt { get; set; } = "";
    }

    /// <summary>What the model answers.</summary>
    public class ModelOutput
    {
        /// <summary>The answer.</summary>
        public string Completion { get; set; } = "";
    }

    /// <summary>The engine of the model in <paramref name="modelPath"/>.</summary>
    public static PredictionEngine<ModelInput, ModelOutput> CreatePredictEngine(string modelPath)
    {
        var mlContext = new MLContext();
        return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(mlContext.Model.Load(modelPath, out _));
    }
}
