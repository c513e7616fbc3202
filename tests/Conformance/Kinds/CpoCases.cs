using System.Text.Json.Nodes;
using MLNet.Dpo.Losses;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>The losses of TRL's CPOTrainer, which have no reference; the product has SimPO of them.</summary>
internal static class CpoCases
{
    private static readonly (string Name, ScalarType Type, double Relative, double Loss, double Gradient)[] Precisions =
        [("f64", ScalarType.Float64, 1e-12, 1e-12, 1e-12), ("f32", ScalarType.Float32, 1e-5, 1e-6, 1e-7)];

    /// <summary>Checks the cases of cpo.json.</summary>
    internal static void Run(JsonNode golden, Comparison comparison)
    {
        foreach (var entry in golden.Need("cases").AsArray().Select(entry => entry!))
        {
            var options = entry.Need("options");
            var name = $"cpo {options["loss_type"].Text()} {options["beta"]!.ToJsonString()} {options["simpo_gamma"]?.ToJsonString()} {options["label_smoothing"]!.ToJsonString()}";
            if (options["loss_type"].Text() != DpoLossType.Simpo.Name || options["alpha"]!.GetValue<double>() != 0) comparison.Skip(name);
            else CheckCase(golden.Need("pairs"), entry, name, comparison);
        }
        comparison.Skip("cpo from_logits");
    }

    // The columns are averages over tokens: sums of responses of one token.
    private static void CheckCase(JsonNode pairs, JsonNode entry, string name, Comparison comparison)
    {
        var options = entry["options"]!;
        var settings = new LossSettings(options["beta"]!.GetValue<double>(), options["label_smoothing"]!.GetValue<double>(), SimpoGamma: options["simpo_gamma"]!.GetValue<double>());
        foreach (var precision in Precisions)
        {
            using var scope = NewDisposeScope();
            var (chosen, rejected) = (Column("average_chosen").requires_grad_(), Column("average_rejected").requires_grad_());
            var losses = DpoLossType.Simpo.Losses(new PairLogps(chosen, rejected, zeros_like(chosen), zeros_like(chosen), ones_like(chosen), ones_like(chosen)), settings);
            losses.mean().backward();
            Check("losses", losses.detach(), precision.Loss);
            Check("grad_chosen", chosen.grad!, precision.Gradient);
            Check("grad_rejected", rejected.grad!, precision.Gradient);
            Check("chosen_rewards", chosen.detach() * settings.Beta, precision.Loss);

            Tensor Column(string key) => tensor(LossCases.Numbers(pairs.Need(key)), dtype: precision.Type);
            void Check(string what, Tensor ours, double absolute) =>
                comparison.Check($"{name} {precision.Name} {what}", LossCases.Error(ours, LossCases.Numbers(entry.Need(precision.Name).Need(what)), precision.Relative, absolute), 1);
        }
    }
}
