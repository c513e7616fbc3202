using System.Text.Json.Nodes;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Training.Objectives;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>TRL's preference losses: values and gradients in both precisions.</summary>
public static class LossCases
{
    // Settings that the losses here do not read, whatever their value; all others must be off.
    private static readonly HashSet<string> Read = ["beta", "loss_type", "loss_weights", "label_smoothing", "f_alpha_divergence_coef", "discopop_tau"];

    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) => File.Exists(Path.Combine(folder, "dpo.json"));

    /// <summary>Checks the folder.</summary>
    public static CaseReport Run(string folder)
    {
        var comparison = new Comparison(folder);
        var golden = GoldenJson.Read(folder, "dpo.json");
        foreach (var entry in golden.Need("cases").AsArray()) CheckCase(golden.Need("pairs"), entry!, comparison);
        if (golden["ld_dpo"] is { } lengthDesensitized) LengthDesensitizedCases.Run(lengthDesensitized, comparison);
        CheckRewards(golden, comparison);
        if (File.Exists(Path.Combine(folder, "cpo.json"))) CpoCases.Run(GoldenJson.Read(folder, "cpo.json"), comparison);
        foreach (var other in Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Where(name => name is not ("dpo" or "cpo")).Order())
            comparison.Skip($"losses of {other}");
        return comparison.Report();
    }

    private static void CheckCase(JsonNode pairs, JsonNode entry, Comparison comparison)
    {
        var options = entry["options"]!.AsObject();
        var name = Name(options);
        if (OptionsOf(options) is not { } dpo)
        {
            comparison.Skip(name);
            return;
        }
        var loss = dpo.ToSettings();
        CheckPrecision(pairs, entry["f64"], loss, ScalarType.Float64, 1e-12, (1e-12, 1e-12), name + " f64", comparison);
        CheckPrecision(pairs, entry["f32"], loss, ScalarType.Float32, 1e-5, (1e-6, 1e-7), name + " f32", comparison);
    }

    // null: a loss, a setting or a combination that the product does not have.
    private static DpoTrainer.Options? OptionsOf(JsonObject options)
    {
        if (options.Any(o => !Read.Contains(o.Key) && !IsOff(o.Value))) return null;
        var types = GoldenLosses.Types(options["loss_type"]);
        return types.Length == 1 && options["loss_weights"] is null ? GoldenLosses.Options(types[0], options) : null;
    }

    private static bool IsOff(JsonNode? value) => value is null || value.ToJsonString() is "false" or "\"reverse_kl\"";

    private static void CheckPrecision(JsonNode pairs, JsonNode? golden, DpoSettings loss, ScalarType type, double relative, (double Loss, double Gradient) absolute, string name, Comparison comparison)
    {
        if (golden is null) return;
        using var scope = NewDisposeScope();
        Tensor Column(string key) => tensor(Numbers(pairs[key]!), dtype: type);
        var chosen = Column("policy_chosen").requires_grad_();
        var rejected = Column("policy_rejected").requires_grad_();
        var losses = loss.LossType.Losses(new PairLogps(chosen, rejected, Column("ref_chosen"), Column("ref_rejected"), Column("chosen_len"), Column("rejected_len")), loss.Loss);
        losses.mean().backward();

        var mean = losses.detach().mean();
        comparison.Check($"{name} loss", Error(mean, [Number(golden["loss"]!)], relative, absolute.Loss), 1);
        if (golden["losses"] is JsonArray each) comparison.Check($"{name} losses", Error(losses.detach(), Numbers(each), relative, absolute.Loss), 1);
        comparison.Check($"{name} grad_chosen", Error(chosen.grad!, Numbers(golden["grad_chosen"]!), relative, absolute.Gradient), 1);
        comparison.Check($"{name} grad_rejected", Error(rejected.grad!, Numbers(golden["grad_rejected"]!), relative, absolute.Gradient), 1);
    }

    private static void CheckRewards(JsonNode golden, Comparison comparison)
    {
        var pairs = golden["pairs"]!;
        var (policy, reference) = (Numbers(pairs["policy_chosen"]!), Numbers(pairs["ref_chosen"]!));
        foreach (var entry in golden["rewards"]!.AsArray())
        {
            var beta = entry!["beta"]!.GetValue<double>();
            var tolerance = entry["precision"]!.GetValue<string>() == "f64" ? 1e-12 : 1e-6;
            var error = Numbers(entry["chosen"]!).Zip(policy.Zip(reference, (p, r) => ImplicitReward.Of(p, r, beta)), (a, b) => Math.Abs(a - b) / (1 + Math.Abs(a))).Max();
            comparison.Check($"rewards at beta {beta}", error, tolerance);
        }
    }

    // In units of the tolerance; only finite golden entries count.
    internal static double Error(Tensor ours, double[] golden, double relative, double absolute)
    {
        var values = ours.to(ScalarType.Float64).reshape(-1).data<double>().ToArray();
        return values.Zip(golden, (a, b) => double.IsFinite(b) ? Math.Abs(a - b) / ((relative * Math.Abs(b)) + absolute) : 0).DefaultIfEmpty(0).Max();
    }

    private static string Name(JsonObject options) =>
        string.Join(' ', options.Where(o => o.Key is "loss_type" or "beta" || (!Read.Contains(o.Key) && !IsOff(o.Value))).Select(o => o.Value!.ToJsonString()));

    internal static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(n => Number(n!))];

    internal static double Number(JsonNode node) => node.GetValueKind() == System.Text.Json.JsonValueKind.String
        ? double.Parse(node.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture)
        : node.GetValue<double>();
}
