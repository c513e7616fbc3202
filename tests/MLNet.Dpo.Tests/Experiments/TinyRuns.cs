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

    /// <summary>Three runs that differ in beta.</summary>
    public static SweepResult Sweep(MLContext ml, string folder, IProgress<TrainingProgress>? progress = null)
    {
        var baseline = Options();
        (baseline.SaveSteps, baseline.Progress) = (1, progress);
        var axis = SweepAxis.Of("Beta", o => o.Beta, (o, value) => o.Beta = value, 0.3, 0.5);
        return ml.Preferences.Sweep(Data(ml, 6), Data(ml, 3), new SweepOptions { Baseline = baseline, Axes = [axis], OutputDirectory = folder });
    }

    public static Microsoft.ML.Data.TransformerChain<CausalLMTransformer> Train(MLContext ml, string output, Action<DpoTrainer.Options>? change = null)
    {
        var options = Options(output);
        options.SaveSteps = 2;
        change?.Invoke(options);
        return Tokenize(ml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(Data(ml));
    }
}
