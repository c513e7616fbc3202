using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;
using TorchSharp;

namespace MLNet.Dpo.Tests.Training;

/// <summary>A whole training of a tiny model, as the trainer does it after the rows are read.</summary>
internal static class TinyTraining
{
    /// <summary>Six rows in batches of three, two epochs: four steps, unless the options or rows are others.</summary>
    /// <returns>The trained weights.</returns>
    internal static float[] Train(Action<DpoTrainer.Options> change, IReadOnlyList<PreferenceExample>? rows = null, Action<string>? note = null, IReadOnlyList<PreferenceExample>? validation = null)
    {
        var options = new DpoTrainer.Options
        {
            BaseModel = Fixtures.Llama,
            Lora = new LoraOptions { Rank = 4, Alpha = 8 },
            LearningRate = 1e-3,
            Beta = 0.1,
            Epochs = 2,
            BatchSize = 3,
            WarmupSteps = 1,
            Device = "cpu",
        };
        change(options);
        options.Validate();
        rows ??= Fixtures.Pairs(6);
        validation ??= [];
        note ??= _ => { };
        using var folder = RunFolder.Open(options.OutputDirectory);
        var checkpoints = Checkpoints.Open(options, note);
        var run = TrainingRun.Prepare(options, checkpoints.Precision);
        try
        {
            using var threads = MLNet.Dpo.Models.CpuThreads.Use(checkpoints.NumThreads, run.Model);
            checkpoints.Claim(run, rows, validation);
            var reference = new ReferenceLogps();
            reference.Add(run.Model, [.. rows, .. validation], options.MaxTokensPerMicroBatch, _ => { }, default);
            var objective = new DpoObjective(run.Model, options.ToSettings(), reference);
            new TrainingLoop(options, run, objective, new TrainingReport(options, note), checkpoints).Run(rows, validation);
            return Weights(run);
        }
        finally
        {
            run.Model.Dispose();
        }
    }

    private static float[] Weights(TrainingRun run) =>
    [
        .. run.Parameters.SelectMany(p =>
        {
            using var scope = torch.NewDisposeScope();
            return p.Value.detach().data<float>().ToArray();
        }),
    ];
}
