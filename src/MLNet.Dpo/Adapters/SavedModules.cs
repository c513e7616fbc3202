using MLNet.Dpo.Models;

namespace MLNet.Dpo.Adapters;

/// <summary>Modules that are trained whole and cannot be.</summary>
internal static class SavedModules
{
    /// <summary>Experts lie in one tensor a layer in PEFT's files and each for itself here.</summary>
    /// <exception cref="NotSupportedException">A saved module has experts in it.</exception>
    internal static void CheckExperts(AdapterConfig config, CausalLM model, string path)
    {
        if (config.Replaced(model).FirstOrDefault(weight => weight.Name.Contains(".experts.", StringComparison.Ordinal)) is { } expert)
            throw new NotSupportedException($"{path}: modules_to_save is [{string.Join(", ", config.ModulesToSave)}] and bias is {config.Bias}, which have {expert.Name} among them; supported: modules without experts.");
    }
}
