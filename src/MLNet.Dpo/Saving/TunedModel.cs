using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Saving;

/// <summary>A network and what is known of its origin.</summary>
/// <param name="Network">The base with its adapters, if any.</param>
/// <param name="Adapter">The LoRA settings; null when there is no adapter.</param>
/// <param name="BasePath">The folder that the base was read from.</param>
internal sealed record TunedModel(CausalLM Network, AdapterConfig? Adapter, string BasePath);
