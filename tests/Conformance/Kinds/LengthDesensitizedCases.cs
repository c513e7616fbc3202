using System.Text.Json.Nodes;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Training.Objectives;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>TRL's <c>ld_alpha</c>: how token log-probabilities of two responses are summed before a loss compares them, and the way back to the tokens.</summary>
internal static class LengthDesensitizedCases
{
    /// <summary>Checks the cases of <c>ld_dpo</c> in dpo.json.</summary>
    internal static void Run(JsonNode golden, Comparison comparison)
    {
        var pairs = golden.Need("pairs").AsArray();
        foreach (var entry in golden.Need("cases").AsArray().Select(c => c!))
        {
            var type = entry.Need("loss_type").Text();
            var name = $"ld_alpha {entry["ld_alpha"]?.ToJsonString() ?? "null"} {type}";
            if (GoldenLosses.Options(type, entry) is not { } options)
            {
                comparison.Skip(name);
                continue;
            }
            options.LdAlpha = entry["ld_alpha"]?.GetValue<double>();
            CheckCase(pairs, entry.Need("f64"), options, ScalarType.Float64, 1e-12, name + " f64", comparison);
            CheckCase(pairs, entry.Need("f32"), options, ScalarType.Float32, 1e-6, name + " f32", comparison);
        }
    }

    // The sums are made in float64, as in training; the loss runs in the given precision.
    private static void CheckCase(JsonArray pairs, JsonNode golden, DpoTrainer.Options options, ScalarType type, double tolerance, string name, Comparison comparison)
    {
        using var scope = NewDisposeScope();
        var weights = new TokenWeights(options.LdAlpha);
        var columns = new Dictionary<string, Tensor>();
        foreach (var (side, other) in new[] { ("chosen", "rejected"), ("rejected", "chosen") })
        {
            columns[side + "_len"] = tensor([.. Lengths(pairs, side).Select(length => (double)length)], dtype: type);
            foreach (var (model, logps) in new[] { ("policy", $"{side}_logps"), ("ref", $"ref_{side}_logps") })
            {
                var sums = pairs.Zip(Lengths(pairs, other), (pair, length) => weights.Sum(Tokens(pair!, $"{model}_{side}"), length)).ToArray();
                columns[$"{model}_{side}"] = tensor(sums, dtype: type);
                CheckAll($"{name} {logps}", sums, golden.Need(logps), tolerance, comparison);
            }
        }

        var (chosen, rejected) = (columns["policy_chosen"].requires_grad_(), columns["policy_rejected"].requires_grad_());
        var losses = options.LossType.Losses(new PairLogps(chosen, rejected, columns["ref_chosen"], columns["ref_rejected"], columns["chosen_len"], columns["rejected_len"]), options.ToSettings().Loss);
        losses.mean().backward();
        CheckAll($"{name} losses", Doubles(losses.detach()), golden.Need("losses"), tolerance, comparison);
        CheckTokens($"{name} grad_chosen", weights, Doubles(chosen.grad!), Lengths(pairs, "rejected"), golden.Need("grad_chosen").AsArray(), comparison);
        CheckTokens($"{name} grad_rejected", weights, Doubles(rejected.grad!), Lengths(pairs, "chosen"), golden.Need("grad_rejected").AsArray(), comparison);
    }

    private static void CheckAll(string name, double[] ours, JsonNode golden, double tolerance, Comparison comparison) =>
        comparison.Check(name, ours.Zip(Numbers(golden), (a, b) => Math.Abs(a - b) / (1 + Math.Abs(b))).Max(), tolerance);

    private static void CheckTokens(string name, TokenWeights weights, double[] derivatives, int[] otherLengths, JsonArray golden, Comparison comparison)
    {
        for (var i = 0; i < golden.Count; i++)
        {
            var theirs = Numbers(golden[i]!);
            var ours = new float[theirs.Length];
            weights.Spread(derivatives[i], ours, otherLengths[i]);
            comparison.Check($"{name} of pair {i}", ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max(), 1e-7);
        }
    }

    private static int[] Lengths(JsonArray pairs, string side) => [.. pairs.Select(pair => pair!.Need($"policy_{side}").AsArray().Count)];

    private static float[] Tokens(JsonNode pair, string column) => [.. Numbers(pair.Need(column)).Select(value => (float)value)];

    private static double[] Doubles(Tensor values) => values.to(ScalarType.Float64).data<double>().ToArray();

    private static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<double>())];
}
