using Microsoft.ML;
using Microsoft.ML.TorchSharp;

/// <summary>A trainer of Microsoft.ML.TorchSharp in the process that has just run DPO: both stand on one TorchSharp.</summary>
internal static class Judge
{
    public static void Construct(MLContext ml)
    {
        var trainer = ml.MulticlassClassification.Trainers.TextClassification();
        Console.WriteLine($"{trainer.GetType().Name} on TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version}");
    }
}
