using System.Text.Json.Nodes;
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
            var type = entry.Need("loss_type").GetValue<string>();
            var name = $"ld_alpha {entry["ld_alpha"]?.ToJsonString() ?? "null"} {type}";
            if (type != "sigmoid") comparison.Skip(name);
            else CheckCase(pairs, entry, name, comparison);
        }
    }

    private static void CheckCase(JsonArray pairs, JsonNode entry, string name, Comparison comparison)
    {
        var weights = new TokenWeights(entry["ld_alpha"]?.GetValue<double>());
        var (columns, lengths) = (new Dictionary<string, double[]>(), new Dictionary<string, int[]>());
        foreach (var side in new[] { "chosen", "rejected" })
        {
            var other = side == "chosen" ? "rejected" : "chosen";
            lengths[side] = [.. pairs.Select(pair => pair!.Need($"policy_{other}").AsArray().Count)];
            foreach (var model in new[] { "policy", "ref" })
                columns[$"{model}_{side}"] = [.. pairs.Select((pair, i) => weights.Sum(Tokens(pair!, $"{model}_{side}"), lengths[side][i]))];
            CheckAll($"{name} {side}_logps", columns[$"policy_{side}"], entry, $"{side}_logps", comparison);
            CheckAll($"{name} ref_{side}_logps", columns[$"ref_{side}"], entry, $"ref_{side}_logps", comparison);
        }

        using var scope = NewDisposeScope();
        var chosen = tensor(columns["policy_chosen"], requires_grad: true);
        var rejected = tensor(columns["policy_rejected"], requires_grad: true);
        var losses = new SigmoidLoss(entry.Need("beta").GetValue<double>()).Losses(new PairLogps(chosen, rejected, tensor(columns["ref_chosen"]), tensor(columns["ref_rejected"])));
        losses.mean().backward();
        CheckAll($"{name} losses", losses.detach().data<double>().ToArray(), entry, "losses", comparison);
        foreach (var (side, gradient) in new[] { ("chosen", chosen.grad!), ("rejected", rejected.grad!) })
            CheckTokens($"{name} grad_{side}", weights, gradient.data<double>().ToArray(), lengths[side], entry.Need("f64").Need($"grad_{side}").AsArray(), comparison);
    }

    private static void CheckAll(string name, double[] ours, JsonNode entry, string column, Comparison comparison)
    {
        var theirs = Numbers(entry.Need("f64").Need(column));
        comparison.Check(name, ours.Zip(theirs, (a, b) => Math.Abs(a - b) / (1 + Math.Abs(b))).Max(), 1e-12);
    }

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

    private static float[] Tokens(JsonNode pair, string column) => [.. Numbers(pair.Need(column)).Select(value => (float)value)];

    private static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => value!.GetValue<double>())];
}
