using Microsoft.ML;

namespace MLNet.Dpo.Tests.Experiments;

/// <summary>Short runs of the random Llama on a few rows.</summary>
internal static class TinyRuns
{
    public static IDataView Data(MLContext ml, int rows = 8) => ml.Data.TakeRows(ml.Preferences.Load(Fixtures.PathTo("trajectories", "train.jsonl")), rows);

    public static PreferenceTokenizingEstimator Tokenize(MLContext ml) => ml.Preferences.Tokenize(Fixtures.TinyChatml);

    /// <summary>Four steps, of two rows each.</summary>
    public static DpoTrainer.Options Options(string? output = null) => new()
    {
        BaseModel = Fixtures.Llama,
        Tokenizer = Fixtures.TinyChatml,
        Lora = new LoraOptions { Rank = 4, Alpha = 8 },
        Beta = 0.1,
        LearningRate = 1e-2,
        BatchSize = 2,
        MaxSteps = 4,
        MaxLength = 96,
        Device = "cpu",
        NumThreads = 1,
        OutputDirectory = output,
    };

    public static Microsoft.ML.Data.TransformerChain<CausalLMTransformer> Train(MLContext ml, string output, Action<DpoTrainer.Options>? change = null)
    {
        var options = Options(output);
        options.SaveSteps = 2;
        change?.Invoke(options);
        return Tokenize(ml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(Data(ml));
    }
}
