using MLNet.Dpo.Saving;

namespace MLNet.Dpo.Training;

/// <summary>What is trained, and how its update is scaled.</summary>
internal enum TrainingMethod
{
    Lora,
    RsLora,
    AllWeights,
}

/// <summary>The learning rate of each method, where the options leave it open.</summary>
internal static class LearningRates
{
    /// <summary>The rate of a method; docs/experiments.md has the measurements behind LoRA's, the others are the middle of what is usual.</summary>
    internal static double Of(TrainingMethod method, bool preferences) => (method, preferences) switch
    {
        (TrainingMethod.AllWeights, true) => 1e-6,
        (TrainingMethod.AllWeights, false) => 2e-5,
        (TrainingMethod.RsLora, true) => 5e-6,
        _ => Lora,
    };

    /// <summary>LoRA's.</summary>
    internal const double Lora = 1.5e-4;

    /// <summary>The method that options ask for; an adapter to go on with says itself how it is scaled.</summary>
    internal static TrainingMethod MethodOf(LoraOptions? lora) =>
        lora is null ? TrainingMethod.AllWeights
        : (lora.InitialAdapter is { } folder ? AdapterFolder.UsesRsLora(folder) : lora.UseRsLora) ? TrainingMethod.RsLora
        : TrainingMethod.Lora;
}
