using MLNet.Dpo.Adapters;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// A projection x·Wᵀ + b, with a slot for a LoRA adapter. The adapter's product is added into the base's result in place,
/// so that no third [tokens, out] tensor is made.
/// </summary>
internal sealed class Linear(string name, Tensor weight, Tensor? bias, AdapterSwitch adapters)
{
    /// <summary>The module's path, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    internal string Name { get; } = name;

    /// <summary>[out, in].</summary>
    internal Tensor Weight { get; } = weight;

    /// <summary>[out], or null.</summary>
    internal Tensor? Bias { get; } = bias;

    internal LoraAdapter? Adapter { get; set; }

    /// <summary>The adapter that the reference model uses; null when the reference is the bare base.</summary>
    internal LoraAdapter? ReferenceAdapter { get; set; }

    internal long InFeatures => Weight.shape[1];

    internal long OutFeatures => Weight.shape[0];

    /// <summary>[tokens, in] -> [tokens, out].</summary>
    internal Tensor Forward(Tensor x)
    {
        var y = nn.functional.linear(x, Weight, Bias);
        var adapter = adapters.State switch
        {
            AdapterState.Policy => Adapter,
            AdapterState.Reference => ReferenceAdapter,
            _ => null,
        };
        return adapter is null ? y : adapter.AddTo(y, x);
    }
}
