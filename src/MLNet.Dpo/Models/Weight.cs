using System.Diagnostics.CodeAnalysis;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A weight of the base, with a slot for what an adapter trained in its place and one for what the reference model has there.</summary>
/// <param name="name">Hugging Face's name, for example <c>model.norm.weight</c>.</param>
/// <param name="stored">The base's own.</param>
/// <param name="adapters">Says which variant runs.</param>
internal sealed class Weight(string name, Tensor stored, AdapterSwitch adapters)
{
    internal string Name { get; } = name;

    /// <summary>The base's own.</summary>
    internal Tensor Stored { get; } = stored;

    /// <summary>The weight whose tensor this one shares in the base (a head that is tied to the embedding); null for none.</summary>
    internal Weight? TiedTo { get; init; }

    /// <summary>What stands in its place in the policy, float32; null where that is the base's.</summary>
    internal Tensor? Replacement { get; set; }

    /// <summary>The same in the reference model.</summary>
    internal Tensor? ReferenceReplacement { get; set; }

    /// <summary>The tensor that counts now, as it is trained and kept.</summary>
    internal Tensor Leaf => (adapters.State == AdapterState.Policy ? Replacement : ReferenceReplacement) ?? Stored;

    /// <summary>The same in the model's type; where that is narrower a new tensor, which belongs to the dispose scope.</summary>
    internal Tensor Value => Leaf is var leaf && leaf.dtype == Stored.dtype ? leaf : leaf.to(Stored.dtype);

    /// <summary>A weight that nothing replaces.</summary>
    [return: NotNullIfNotNull(nameof(tensor))]
    public static implicit operator Weight?(Tensor? tensor) => tensor is null ? null : new Weight("", tensor, new AdapterSwitch());

    /// <summary><see cref="Value"/>.</summary>
    [return: NotNullIfNotNull(nameof(weight))]
    public static implicit operator Tensor?(Weight? weight) => weight?.Value;
}
