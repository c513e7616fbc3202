using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Saving;

/// <summary>A network and what is known of its origin.</summary>
/// <param name="Network">The base with its adapters, if any.</param>
/// <param name="Adapter">The LoRA settings; null when there is no adapter.</param>
/// <param name="BasePath">The folder that the base was read from.</param>
/// <param name="Reference">The reference model, where it is not the network without its adapter; null where it is, or there is none.</param>
internal sealed record TunedModel(CausalLM Network, AdapterConfig? Adapter, string BasePath, SeparateReference? Reference = null) : IDisposable
{
    /// <summary>Whether it can say what its reference would.</summary>
    internal bool HasReference => Reference?.IsThere ?? Adapter is not null;

    public void Dispose()
    {
        Network.Dispose();
        Reference?.Dispose();
    }
}
