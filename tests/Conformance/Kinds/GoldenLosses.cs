using System.Text.Json.Nodes;
using MLNet.Dpo.Losses;

namespace MLNet.Dpo.Conformance;

/// <summary>TRL's <c>loss_type</c> and what belongs to it in the product's terms.</summary>
internal static class GoldenLosses
{
    /// <summary>The names in <c>loss_type</c>, which may be one or a list; sigmoid where there is none.</summary>
    internal static string[] Types(JsonNode? lossType) =>
        lossType is JsonArray list ? [.. list.Select(type => type.Text())] : [lossType?.Text() ?? "sigmoid"];

    /// <summary>The options of one loss; null for a loss that the product does not have.</summary>
    /// <param name="type">TRL's name.</param>
    /// <param name="settings">beta, label_smoothing and discopop_tau, which TRL gives to every loss; only what the loss reads is taken.</param>
    internal static DpoTrainer.Options? Options(string type, JsonNode settings)
    {
        if (DpoLossType.All.FirstOrDefault(known => known.Name == type) is not { } lossType) return null;
        var options = new DpoTrainer.Options { BaseModel = "none", LossType = lossType };
        if (settings["beta"] is { } beta) options.Beta = beta.GetValue<double>();
        if (lossType.Has(LossNeeds.LabelSmoothing) && settings["label_smoothing"] is { } smoothing) options.LabelSmoothing = smoothing.GetValue<double>();
        if (lossType.Has(LossNeeds.DiscopopTau) && settings["discopop_tau"] is { } tau) options.DiscopopTau = tau.GetValue<double>();
        options.Validate();
        return options;
    }
}
