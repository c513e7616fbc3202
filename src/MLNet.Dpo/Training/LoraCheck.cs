using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Training;

/// <summary>Whether LoRA options fit a model.</summary>
internal static class LoraCheck
{
    /// <summary>Checks the options against the modules that the model has; an option that matches none is an error.</summary>
    /// <exception cref="ArgumentException">One does not fit; it is named.</exception>
    internal static void Fits(LoraOptions lora, AdapterConfig config, CausalLM model)
    {
        var targets = model.Adaptable.Where(p => config.Adapts(p, model)).ToList();
        if (targets.Count == 0)
            throw new ArgumentException($"{(lora.TargetPattern is { } pattern ? $"Lora.TargetPattern is {pattern}" : $"Lora.TargetModules is {string.Join(", ", lora.TargetModules)}")}{Restricted(config)}; this model has {Ends(model)}.");
        foreach (var name in lora.TargetModules.Where(name => name != LoraOptions.AllLinear)) RequireModule(name, "TargetModules", model);
        foreach (var name in lora.ExcludeModules) RequireModule(name, "ExcludeModules", model);
        if (config.Targets.Exclude is { Expression: not null } excluded && !model.Adaptable.Any(p => excluded.Match(p.Name)))
            throw new ArgumentException($"Lora.ExcludePattern is {lora.ExcludePattern}, which matches no projection; this model has {Ends(model)}.");
        if (lora.LayersToTransform.FirstOrDefault(layer => layer >= model.Config.NumHiddenLayers, -1) is >= 0 and var layer)
            throw new ArgumentException($"Lora.LayersToTransform has {layer}, but this model has layers 0 to {model.Config.NumHiddenLayers - 1}.");
        foreach (var key in lora.RankPattern.Keys) RequirePattern(key, "RankPattern", targets);
        foreach (var key in lora.AlphaPattern.Keys) RequirePattern(key, "AlphaPattern", targets);
        foreach (var projection in targets) RequireRank(projection, config, targets);
        RequireSavedModules(lora, config, model);
        DropoutFits(config, targets.Contains(model.Head.Projection));
    }

    /// <summary>The head's gradient is computed directly, from inputs that are whole.</summary>
    /// <param name="config">The adapter's settings.</param>
    /// <param name="hasHead">Whether it adapts the head.</param>
    internal static void DropoutFits(AdapterConfig config, bool hasHead)
    {
        if (config.Dropout > 0 && hasHead)
            throw new ArgumentException(FormattableString.Invariant($"Lora.Dropout is {config.Dropout} (it may come with Lora.InitialAdapter) and lm_head is among the targets, whose input cannot be dropped; leave lm_head out, or set Lora.Dropout to 0."));
    }

    private static void RequireModule(string name, string option, CausalLM model)
    {
        if (new ModuleNames([name], null) is var names && !model.Adaptable.Any(p => names.Match(p.Name)))
            throw new ArgumentException($"Lora.{option} has {name}, which is no projection of this model; it has {Ends(model)}.");
    }

    private static void RequirePattern(string key, string option, IEnumerable<Linear> targets)
    {
        if (AdapterConfig.Expression(key, "Lora." + option) is var expression && !targets.Any(p => ModuleNames.Run(expression, p.Name).Success))
            throw new ArgumentException($"Lora.{option} has {key}, which matches none of the projections to adapt; a key is a regular expression for the end of a module's name.");
    }

    private static void RequireRank(Linear projection, AdapterConfig config, IEnumerable<Linear> targets)
    {
        var widest = targets.Max(p => Math.Max(p.InFeatures, p.OutFeatures));
        if (config.RankOf(projection.Name) is var rank && rank > widest)
            throw new ArgumentException($"Lora.Rank is {rank}, but the widest of the projections to adapt has {widest} features, and no update has a higher rank than that; give {widest} or less.");
    }

    private static void RequireSavedModules(LoraOptions lora, AdapterConfig config, CausalLM model)
    {
        foreach (var name in lora.ModulesToSave)
        {
            if (!model.Weights.Any(weight => AdapterConfig.Names(name, weight.Name)))
                throw new ArgumentException($"Lora.ModulesToSave has {name}, which is no module of this model; it has {string.Join(", ", model.Weights.Select(w => w.Name.Split('.')[^2]).Distinct())}.");
        }
        SavedModules.CheckExperts(config, model, "Lora");
        if (config.EnsureWeightTying && (model.Head.Tied is not { TiedTo: { } embedding } head || !(config.IsSaved(head.Name) || config.IsSaved(embedding.Name))))
            throw new ArgumentException("Lora.EnsureWeightTying is set, but this model's head and embedding are not one tensor, or Lora.ModulesToSave names neither; leave it false.");
        if (config.Bias != LoraBias.None && config.Replaced(model).All(weight => !weight.Name.EndsWith(".bias", StringComparison.Ordinal)))
            throw new ArgumentException($"Lora.Bias is {config.Bias}, but {(config.Bias == LoraBias.All ? "this model has no biases" : "none of the projections to adapt has a bias")}; leave it {LoraBias.None}.");
    }

    private static string Restricted(AdapterConfig config) => config.Targets is { Exclude: null, Layers.Count: 0 } && config.ModulesToSave.Count == 0 ? ""
        : $" (together: {config.Targets}{(config.ModulesToSave.Count > 0 ? $", without modules_to_save {string.Join(", ", config.ModulesToSave)}" : "")}), which leaves no projection";

    private static string Ends(CausalLM model) => string.Join(", ", model.Adaptable.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..]).Distinct());
}
