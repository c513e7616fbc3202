using MLNet.Dpo.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>Makes one adapter of several, each with a weight, as PEFT's <c>add_weighted_adapter</c>. The result's scale is 1.</summary>
internal static class WeightedAdapters
{
    /// <summary>The combination, for the modules that any of the adapters has.</summary>
    /// <param name="adapters">Adapters of one model, with their names and weights.</param>
    /// <param name="combination">How.</param>
    /// <exception cref="NotSupportedException">An adapter is no plain LoRA.</exception>
    /// <exception cref="ArgumentException">Their ranks differ where they must not.</exception>
    internal static AdapterSet Combine(IReadOnlyList<(string Name, AdapterSet Set, double Weight)> adapters, AdapterCombination combination)
    {
        foreach (var (name, set, _) in adapters) RequirePlain(name, set);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope(); // an adapter takes what it keeps out of it
        var parts = adapters.SelectMany(adapter => adapter.Set.Updates.Select(update => (Projection: update.Key, Part: Of(adapter.Name, update.Value, adapter.Weight)))).GroupBy(p => p.Projection, p => p.Part).ToList();
        if (combination == AdapterCombination.Linear) foreach (var module in parts) RequireSameRank(module.Key, [.. module]);
        var rank = parts.Max(module => combination == AdapterCombination.Cat ? module.Sum(part => part.A.size(0)) : module.Max(part => part.A.size(0)));
        var names = new ModuleNames([.. parts.Select(module => module.Key.Name)], null);
        var combined = new AdapterSet(new AdapterConfig((int)rank, rank, false, new Dictionary<string, double>(), new Dictionary<string, double>()) { Targets = new ModuleTargets(names, null, [], []) });
        foreach (var module in parts)
        {
            var (a, b) = Combine([.. module], combination, rank);
            combined.Updates[module.Key] = new LoraAdapter(Padded(a, 0, rank), Padded(b, 1, rank), 1);
        }
        return combined;
    }

    private static (Tensor A, Tensor B) Combine(IReadOnlyList<Part> parts, AdapterCombination combination, long rank) => combination switch
    {
        AdapterCombination.Linear => (Sum(parts.Select(p => Times(p.A, Math.Sign(p.Factor) * Math.Sqrt(Math.Abs(p.Factor))))), Sum(parts.Select(p => Times(p.B, Math.Sqrt(Math.Abs(p.Factor)))))),
        AdapterCombination.Cat => (cat([.. parts.Select(p => Times(p.A, p.Factor))], 0), cat([.. parts.Select(p => p.B)], 1)),
        _ => Cut(Sum(parts.Select(p => p.B.mm(Times(p.A, p.Factor)))), rank),
    };

    // The greatest singular values with their vectors, the values on B's side.
    private static (Tensor A, Tensor B) Cut(Tensor update, long rank)
    {
        var (u, s, vh) = linalg.svd(update, fullMatrices: false);
        var kept = Math.Min(rank, s.size(0));
        return (vh.narrow(0, 0, kept), u.narrow(1, 0, kept).mul(s.narrow(0, 0, kept)));
    }

    private static Part Of(string name, IAdapter adapter, double weight)
    {
        var saved = adapter.Saved.ToDictionary();
        return new Part(name, saved[LoraAdapter.AName], saved[LoraAdapter.BName], weight * ((LoraAdapter)adapter).Scale);
    }

    private static Tensor Padded(Tensor matrix, int dimension, long rank)
    {
        if (matrix.size(dimension) == rank) return matrix.contiguous().clone();
        var shape = matrix.shape;
        shape[dimension] = rank - shape[dimension];
        return cat([matrix, zeros(shape, float32, matrix.device)], dimension);
    }

    private static Tensor Sum(IEnumerable<Tensor> tensors) => stack(tensors).sum([0L]);

    private static Tensor Times(Tensor tensor, double factor)
    {
        using Scalar scalar = factor;
        return tensor.mul(scalar);
    }

    private static void RequirePlain(string name, AdapterSet set)
    {
        if (set.Updates.Values.Any(update => update is not LoraAdapter)) throw new NotSupportedException($"The adapter '{name}' is DoRA, whose lengths have no weighted sum; supported: LoRA.");
        if (set.Replacements.Keys.FirstOrDefault() is { } weight) throw new NotSupportedException($"The adapter '{name}' has {weight.Name} in place of the base's, which has no weighted sum; supported: adapters without modules_to_save and biases.");
    }

    private static void RequireSameRank(Linear projection, IReadOnlyList<Part> parts)
    {
        if (parts.FirstOrDefault(part => part.A.size(0) != parts[0].A.size(0)) is { } other)
            throw new ArgumentException($"The adapters '{parts[0].Adapter}' and '{other.Adapter}' have ranks {parts[0].A.size(0)} and {other.A.size(0)} at {projection.Name}; {nameof(AdapterCombination.Linear)} needs the same, so use {nameof(AdapterCombination.Cat)} or {nameof(AdapterCombination.Svd)}.");
    }

    private sealed record Part(string Adapter, Tensor A, Tensor B, double Factor);
}
