using MLNet.Dpo.Losses;
using System.Diagnostics;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;
using TorchSharp;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The product's side: LoRA-DPO steps with the settings of the peer, one pair a step.</summary>
internal static class ProductRun
{
    private const int MaxTokens = 2048;
    private const double Beta = 0.1;
    private const double LearningRate = 5e-5;
    private const double MaxGradNorm = 1;

    /// <summary>
    /// One warm-up step on the last row, then the clock: one pass of the reference over all rows, and one training step a row.
    /// </summary>
    public static Measurement Measure(IReadOnlyList<PairTokens> rows, int threads)
    {
        torch.set_num_threads(threads);
        using var model = BenchmarkModel.Create();
        var parameters = AdapterParameters(model);
        using var optimizer = new AdamW(parameters, new AdamWSettings(0.9, 0.999, 1e-8, 0));
        var examples = rows.Select((row, i) => new PreferenceExample(i, row.Prompt, [row.Chosen, row.Rejected], [1, 0])).ToList();

        var reference = new ReferenceLogps();
        var objective = new DpoObjective(model, new DpoSettings(DpoLossType.Sigmoid, new LossSettings(Beta), MaxTokens: MaxTokens), reference);
        double Step(PreferenceExample example)
        {
            var metrics = objective.AccumulateGradients([example]);
            GradientClipping.Clip(parameters.Select(p => p.Value), MaxGradNorm);
            optimizer.Step(LearningRate);
            return metrics["loss"];
        }

        var warmUp = examples[^1] with { Row = examples.Count }; // a row of its own, so that the reference pass runs it again
        reference.Add(model, [warmUp], MaxTokens, _ => { }, CancellationToken.None);
        Step(warmUp);

        var clock = Stopwatch.StartNew();
        reference.Add(model, examples, MaxTokens, _ => { }, CancellationToken.None);
        var referenceSeconds = clock.Elapsed.TotalSeconds;
        clock.Restart();
        double[] losses = [.. examples.Select(Step)];
        var seconds = clock.Elapsed.TotalSeconds;
        return new Measurement(losses.Length / seconds, seconds, referenceSeconds, ChildRun.PeakMb(), losses);
    }

    private static List<KeyValuePair<string, torch.Tensor>> AdapterParameters(CausalLM model)
    {
        var config = AdapterConfig.From(new LoraOptions { Rank = 16, Alpha = 32 });
        var random = new Random(0);
        foreach (var projection in model.Projections)
            projection.Adapter = config.Initialize(projection, random);
        var parameters = AdapterFolder.Tensors(model, p => p.Adapter).ToList();
        foreach (var parameter in parameters)
            parameter.Value.requires_grad = true;
        return parameters;
    }
}
