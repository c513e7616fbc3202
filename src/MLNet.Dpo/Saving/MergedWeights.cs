using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>A model's weights with its adapter merged into them. New tensors belong to the dispose scope.</summary>
/// <param name="Tensors">By Hugging Face's names.</param>
/// <param name="HasOwnHead">Whether the head is tied to the embedding in the base, and no longer is.</param>
internal sealed record MergedWeights(IEnumerable<KeyValuePair<string, Tensor>> Tensors, bool HasOwnHead)
{
    internal static MergedWeights Of(CausalLM model)
    {
        var merged = model.Adaptable.Where(p => p.Adapter is not null).ToDictionary(p => p.Name + ".weight", p => p.Stored(p.Adapter!.Merge(p.Weight)));
        var own = model.Head.Tied is { TiedTo: { } embedding } head && (merged.ContainsKey(head.Name) || !ReferenceEquals(head.Leaf, embedding.Leaf));
        var replaced = model.Weights.Where(weight => weight.Replacement is not null).ToDictionary(weight => weight.Name, weight => weight.Leaf);
        var all = own ? model.Parameters.Append(KeyValuePair.Create(model.Head.Tied!.Name, model.Head.Tied.Leaf)) : model.Parameters;
        return new MergedWeights(all.Select(p => KeyValuePair.Create(p.Key, merged.GetValueOrDefault(p.Key) ?? replaced.GetValueOrDefault(p.Key) ?? p.Value)), own);
    }
}
