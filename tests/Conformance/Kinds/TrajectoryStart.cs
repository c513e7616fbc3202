using System.Text.Json.Nodes;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;

namespace MLNet.Dpo.Conformance;

/// <summary>What a golden run fixes before its first update: the reference's log-probabilities of every row, and the first step's gradients.</summary>
internal static class TrajectoryStart
{
    internal static void CheckReference(string folder, TrajectorySettings settings, ReferenceLogps reference, Comparison comparison)
    {
        if (!File.Exists(Path.Combine(folder, "ref_logps.json"))) return;
        var golden = GoldenJson.Read(folder, "ref_logps.json");
        var weights = new TokenWeights((settings.Options as DpoTrainer.Options)?.LdAlpha);
        foreach (var (name, rows) in new[] { ("train", settings.TrainRows), ("eval", settings.EvalRows) })
        {
            if (golden[name] is not JsonArray expected) continue;
            comparison.Check($"{name} has {rows.Length} rows, ref_logps.json {expected.Count}", rows.Length == expected.Count);
            foreach (var (row, entry) in rows.Zip(expected)) CheckRow(name, row, entry!, reference[row], weights, comparison);
        }
    }

    /// <summary>Compares the gradients of the first step's rows after clipping, and leaves none behind.</summary>
    internal static void CheckGradients(string folder, TrainingRun run, TrajectorySettings settings, ITrainingObjective objective, Comparison comparison)
    {
        var path = Path.Combine(folder, "grads_step1.safetensors");
        if (!File.Exists(path)) return;
        using var golden = new GoldenTensors(path);
        objective.AccumulateGradients(RowOrder.Batch(settings.TrainRows, settings.Options, 0, 0));
        GradientClipping.Clip(run.Parameters.Select(p => p.Value), settings.Options.MaxGradNorm);
        var names = golden.Names.ToDictionary(name => name.Replace(".default.", ".", StringComparison.Ordinal)); // PEFT's adapter name, absent in saved adapters
        comparison.Check("other tensors have a first gradient", names.Keys.ToHashSet().SetEquals(run.Parameters.Select(p => p.Key)));
        var (difference, largest) = (0.0, 0.0);
        foreach (var (name, parameter) in run.Parameters.Where(p => names.ContainsKey(p.Key)))
        {
            var theirs = golden.Floats(names[name]);
            difference = Math.Max(difference, Comparison.MaxDifference(parameter.grad?.data<float>().ToArray() ?? [], theirs));
            largest = Math.Max(largest, theirs.Max(Math.Abs));
        }
        comparison.Check("first gradients, of the largest", difference / largest, 1e-5);
        foreach (var (_, parameter) in run.Parameters) parameter.grad = null;
    }

    private static void CheckRow(string set, PreferenceExample row, JsonNode expected, float[][] logps, TokenWeights weights, Comparison comparison)
    {
        comparison.Check($"{set} row {row.Row}: other lengths", row.Prompt.Length == Count("prompt_tokens") && row.Responses[0].Length == Count("chosen_tokens") && row.Responses[1].Length == Count("rejected_tokens"));
        foreach (var (name, logp) in new[] { ("chosen", weights.Sum(logps[0], logps[1].Length)), ("rejected", weights.Sum(logps[1], logps[0].Length)) })
        {
            var theirs = expected.Need(name).GetValue<double>();
            comparison.Check($"{set} row {row.Row}: {name} reference log-probability {logp:g9} instead of {theirs:g9}", Math.Abs(logp - theirs) <= 2e-6 * Math.Abs(theirs));
        }

        int Count(string name) => expected.Need(name).GetValue<int>();
    }
}
