using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A projection x·Wᵀ + b, with a slot for an adapter and one for the adapter of the reference model.</summary>
/// <param name="name">The module's path.</param>
/// <param name="weight">As it is stored: [out, in], or [in, out] with <paramref name="fanInFanOut"/>.</param>
/// <param name="bias">[out]; null for none.</param>
/// <param name="adapters">Says which adapter is used.</param>
/// <param name="fanInFanOut">Whether the weight is stored the other way round.</param>
internal sealed class Linear(string name, Weight weight, Weight? bias, AdapterSwitch adapters, bool fanInFanOut = false)
{
    /// <summary>The module's path, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    internal string Name { get; } = name;

    /// <summary>Whether the weight is stored as [in, out] (GPT-2's Conv1D).</summary>
    internal bool FanInFanOut => fanInFanOut;

    /// <summary>[out, in]; where it is stored the other way round a view, which belongs to the dispose scope.</summary>
    internal Tensor Weight => fanInFanOut ? weight.Value.t() : weight.Value;

    /// <summary>The weight's slot.</summary>
    internal Weight Slot => weight;

    /// <summary>The weight as it is trained and kept, in its stored form.</summary>
    internal Tensor Leaf => weight.Leaf;

    /// <summary>[out]; null for none.</summary>
    internal Tensor? Bias => bias?.Value;

    internal Device Device => weight.Stored.device;

    internal IAdapter? Adapter { get; set; }

    /// <summary>The adapter that the reference model uses; null when the reference is the bare base.</summary>
    internal IAdapter? ReferenceAdapter { get; set; }

    /// <summary>The adapter that the model's state asks for; null for none.</summary>
    internal IAdapter? ActiveAdapter => adapters.State == AdapterState.Policy ? Adapter : ReferenceAdapter;

    internal long InFeatures => weight.Stored.shape[fanInFanOut ? 0 : 1];

    internal long OutFeatures => weight.Stored.shape[fanInFanOut ? 1 : 0];

    /// <summary>[tokens, in] -> [tokens, out], with the adapter that the model's state asks for.</summary>
    internal Tensor Forward(Tensor x) => ActiveAdapter is { } adapter ? adapter.Forward(this, x) : Project(x);

    /// <summary>A weight of the form [out, in] as this projection's is stored.</summary>
    internal Tensor Stored(Tensor outIn) => fanInFanOut ? outIn.t().contiguous() : outIn;

    /// <summary>The base's product alone, [tokens, in] -> [tokens, out]: a new tensor, which an adapter may add into.</summary>
    internal Tensor Project(Tensor x) => nn.functional.linear(x, Weight, Bias);

    /// <summary>An adapter's input while training, with elements dropped; outside of training the input itself.</summary>
    internal Tensor Drop(Tensor x, double probability) => probability > 0 && adapters.Dropout is { } dropout ? dropout.Apply(x, probability, Name) : x;
}
