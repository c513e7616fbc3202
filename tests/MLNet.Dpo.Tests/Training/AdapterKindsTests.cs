using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Training;

/// <summary>What must hold of every kind of adapter: the reference is the base, training begins there, and what is saved is what was trained.</summary>
public sealed class AdapterKindsTests : IDisposable
{
    private static readonly Dictionary<string, Action<LoraOptions>> Kinds = new()
    {
        ["lora"] = _ => { },
        ["gaussian"] = o => o.Initialization = LoraInitialization.Gaussian,
        ["pissa"] = o => o.Initialization = LoraInitialization.Pissa,
        ["olora"] = o => o.Initialization = LoraInitialization.Olora,
        ["dora"] = o => o.UseDora = true,
        ["dora olora"] = o => (o.UseDora, o.Initialization) = (true, LoraInitialization.Olora),
        ["pissa rslora patterns"] = o => (o.Initialization, o.UseRsLora, o.RankPattern, o.AlphaPattern) =
            (LoraInitialization.Pissa, true, new Dictionary<string, int> { ["o_proj"] = 2 }, new Dictionary<string, double> { ["layers.0.*q_proj"] = 3 }),
        ["lm_head saved"] = o => o.ModulesToSave = ["lm_head"],
        ["embed_tokens saved"] = o => o.ModulesToSave = ["embed_tokens"],
        ["both saved"] = o => o.ModulesToSave = ["embed_tokens", "lm_head"],
        ["tied"] = o => (o.ModulesToSave, o.EnsureWeightTying) = (["embed_tokens"], true),
        ["tied by the head"] = o => (o.ModulesToSave, o.EnsureWeightTying) = (["lm_head"], true),
        ["norms and a projection saved"] = o => o.ModulesToSave = ["norm", "down_proj"],
        ["lora of the head"] = o => o.TargetModules = ["q_proj", "lm_head"],
        ["dora of the head"] = o => (o.TargetModules, o.UseDora) = (["lm_head"], true),
        ["all biases"] = o => o.Bias = LoraBias.All,
        ["lora's biases"] = o => (o.Bias, o.TargetModules) = (LoraBias.LoraOnly, ["v_proj", "up_proj"]),
        ["dora with biases"] = o => (o.UseDora, o.Bias) = (true, LoraBias.All),
        ["dropout"] = o => o.Dropout = 0.3,
        ["dora dropout"] = o => (o.UseDora, o.Dropout) = (true, 0.3),
        ["some layers"] = o => (o.LayersToTransform, o.ExcludeModules) = ([1], ["up_proj"]),
        ["pattern"] = o => o.TargetPattern = @".*\.0\..*(q|v)_proj",
        ["lora+"] = o => o.LoraPlusLrRatio = 4,
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> All => [.. Kinds.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public void Train_BeforeTheFirstStep_IsTheBase(string kind)
    {
        var options = Options(kind);
        var rows = Fixtures.Pairs(3);
        using var bare = ModelFolder.Load(options.BaseModel, CPU);
        var run = TrainingRun.Prepare(options);
        using var model = run.Model;
        var expected = Logps(bare, rows);
        using (model.Use(AdapterState.Reference)) Assert.Equal(expected, Logps(model, rows));

        var reference = new ReferenceLogps();
        reference.Add(model, rows, options.MaxTokensPerMicroBatch, _ => { }, default);
        var metrics = new DpoObjective(model, options.ToSettings(), reference).Evaluate(rows);
        Assert.Equal(0, metrics["rewards/chosen"], 1e-6);
        Assert.Equal(0, metrics["rewards/rejected"], 1e-6);
        Assert.Equal(Math.Log(2), metrics["loss"], 1e-6);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Train_Adapter_IsSavedAsItIsAndResumedToTheSameBits(string kind)
    {
        var whole = TinyTraining.Train(o => Set(o, kind));
        Assert.Equal(whole, TinyTraining.Train(o => { Set(o, kind); o.ResumeFromCheckpoint = Path.Combine(_folder["run"], "checkpoint-1"); }));

        var options = Options(kind);
        var rows = Fixtures.Pairs(3);
        var run = TrainingRun.Prepare(options);
        using var trained = run.Model;
        var fresh = Logps(trained, rows);
        using (no_grad()) AdapterTensorsOf(run, whole);
        var expected = Logps(trained, rows);
        Assert.NotEqual(fresh, expected);
        Check(expected, rows, options.BaseModel);
        ModelFolder.Save(trained, _folder["merged"]);
        using var merged = ModelFolder.Load(_folder["merged"], CPU);
        Close(expected, Logps(merged, rows));
        using var bare = ModelFolder.Load(options.BaseModel, CPU);
        using (trained.Use(AdapterState.Reference)) Assert.Equal(Logps(bare, rows), Logps(trained, rows));
    }

    // What the last checkpoint wrote, on the original base.
    private void Check(float[] expected, IReadOnlyList<PreferenceExample> rows, string baseModel)
    {
        using var loaded = ModelFolder.Load(baseModel, CPU);
        var config = AdapterFolder.Load(loaded, Path.Combine(_folder["run"], "checkpoint-2"));
        Close(expected, Logps(loaded, rows));
        AdapterFolder.Save(loaded, config, _folder["again"], null);
        using var again = ModelFolder.Load(baseModel, CPU);
        AdapterFolder.Load(again, _folder["again"]);
        Assert.Equal(Logps(loaded, rows), Logps(again, rows));
    }

    private static void AdapterTensorsOf(TrainingRun run, float[] values)
    {
        var first = 0;
        foreach (var (_, parameter) in run.Parameters)
        {
            var count = (int)parameter.numel();
            parameter.copy_(tensor(values[first..(first + count)]).view(parameter.shape));
            first += count;
        }
    }

    private static void Close(float[] expected, float[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-4f));

    private static float[] Logps(CausalLM model, IReadOnlyList<PreferenceExample> rows)
    {
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(rows, model);
        return [.. ScoredBatch.Logps(model, batch).SelectMany(logps => logps)];
    }

    private DpoTrainer.Options Options(string kind)
    {
        var options = new DpoTrainer.Options { Device = "cpu", Beta = 0.1 };
        Set(options, kind);
        (options.OutputDirectory, options.SaveSteps) = (null, 0);
        options.Validate();
        return options;
    }

    // Starcoder2's kind has biases; a tied base has one tensor for embedding and head.
    private void Set(DpoTrainer.Options options, string kind)
    {
        options.BaseModel = kind.Contains("bias", StringComparison.Ordinal) ? Fixtures.PathTo("models", "qwen2") : kind.StartsWith("tied", StringComparison.Ordinal) || kind.Contains("saved", StringComparison.Ordinal) ? Fixtures.PathTo("models", "smollm") : Fixtures.Llama;
        options.Lora = new LoraOptions { Rank = 4, Alpha = 8 };
        Kinds[kind](options.Lora);
        (options.OutputDirectory, options.SaveSteps, options.LearningRate, options.MaxSteps, options.BatchSize) = (_folder["run"], 1, 1e-2, 2, 1);
    }
}
