using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A projection x·Wᵀ + b, with a slot for an adapter and one for the adapter of the reference model.</summary>
internal sealed class Linear(string name, Tensor weight, Tensor? bias, AdapterSwitch adapters)
{
    /// <summary>The module's path, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    internal string Name { get; } = name;

    /// <summary>[out, in].</summary>
    internal Tensor Weight { get; } = weight;

    internal IAdapter? Adapter { get; set; }

    /// <summary>The adapter that the reference model uses; null when the reference is the bare base.</summary>
    internal IAdapter? ReferenceAdapter { get; set; }

    internal long InFeatures => Weight.shape[1];

    internal long OutFeatures => Weight.shape[0];

    /// <summary>[tokens, in] -> [tokens, out], with the adapter that the model's state asks for.</summary>
    internal Tensor Forward(Tensor x)
    {
        var adapter = adapters.State == AdapterState.Policy ? Adapter : ReferenceAdapter;
        return adapter is null ? Project(x) : adapter.Forward(this, x);
    }

    /// <summary>The base's product alone, [tokens, in] -> [tokens, out]: a new tensor, which an adapter may add into.</summary>
    internal Tensor Project(Tensor x) => nn.functional.linear(x, Weight, bias);
}
