using System.Globalization;
using Microsoft.ML;
using MLNet.Dpo;

namespace TinyChat;

/// <summary>Trains TinyChat from random weights with the library's own SftTrainer.</summary>
internal sealed class Training(string workFolder, string modelFolder, int rows, int epochs, int seed, CancellationToken cancellation)
{
    /// <summary>Writes the corpus and an untrained model, trains it, and puts the result into the model folder.</summary>
    public void Run()
    {
        Directory.CreateDirectory(workFolder);
        var corpus = Path.Combine(workFolder, "sft.jsonl");
        var untrained = Path.Combine(workFolder, "untrained");
        CorpusFiles.WriteTraining(corpus, TinyChatCorpus.Training(seed, rows));
        UntrainedModel.Write(untrained, modelFolder, seed);

        var ml = new MLContext(seed);
        var pipeline = ml.Preferences.Tokenize(untrained)
            .Append(ml.Preferences.Trainers.Sft(new SftTrainer.Options
            {
                BaseModel = untrained,
                Lora = null, // all weights
                LearningRate = 2e-3,
                Scheduler = LearningRateScheduler.Cosine,
                WarmupRatio = 0.03,
                WeightDecay = 0.01,
                Epochs = epochs,
                BatchSize = 64,
                MaxTokensPerMicroBatch = 4096,
                MaxLength = 256,
                Seed = seed,
                OutputDirectory = Path.Combine(workFolder, "run"),
                Progress = new ConsoleProgress(),
                CancellationToken = cancellation,
            }));
        var model = pipeline.Fit(ml.Preferences.Load(corpus));
        model.LastTransformer.SaveModelFolder(modelFolder);
        Console.WriteLine($"TinyChat is in {modelFolder}.");
    }

    private sealed class ConsoleProgress : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step % 50 != 0 && value.Step != value.TotalSteps) return;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"step {value.Step}/{value.TotalSteps}  loss {value.Metrics["loss"]:0.000}  accuracy {value.Metrics["mean_token_accuracy"]:0.000}"));
        }
    }
}
