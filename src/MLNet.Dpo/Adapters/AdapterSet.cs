using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>All that one adapter has in a model, apart from the model: for each module its update, for each weight what stands in its place.</summary>
/// <param name="config">Its settings.</param>
internal sealed class AdapterSet(AdapterConfig config) : IDisposable
{
    internal AdapterConfig Config { get; } = config;

    /// <summary>By projection.</summary>
    internal Dictionary<Linear, IAdapter> Updates { get; init; } = [];

    /// <summary>By weight; tied weights share a tensor.</summary>
    internal Dictionary<Weight, Tensor> Replacements { get; init; } = [];

    /// <summary>What a model has now.</summary>
    internal static AdapterSet Of(CausalLM model, AdapterConfig config, AdapterState state = AdapterState.Policy) => new(config)
    {
        Updates = model.Adaptable.Select(p => (Projection: p, Adapter: state == AdapterState.Policy ? p.Adapter : p.ReferenceAdapter)).Where(p => p.Adapter is not null).ToDictionary(p => p.Projection, p => p.Adapter!),
        Replacements = model.Weights.Select(w => (Weight: w, Tensor: state == AdapterState.Policy ? w.Replacement : w.ReferenceReplacement)).Where(w => w.Tensor is not null).ToDictionary(w => w.Weight, w => w.Tensor!),
    };

    /// <summary>A fresh adapter, with which the model is still the base.</summary>
    internal static AdapterSet Fresh(CausalLM model, AdapterConfig config, Random random)
    {
        var set = new AdapterSet(config);
        try
        {
            foreach (var projection in model.Adaptable.Where(p => config.Adapts(p, model))) set.Updates[projection] = config.Initialize(projection, random);
            foreach (var weight in config.Replaced(model)) set.Replace(weight, Copy(weight.Stored), model);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Takes a tensor over in place of a weight; of two weights that stay tied the second has the first's.</summary>
    internal void Replace(Weight weight, Tensor tensor, CausalLM model)
    {
        var other = weight == model.Head.Tied ? weight.TiedTo : weight == model.Head.Tied?.TiedTo ? model.Head.Tied : null;
        if (other is null || !Config.IsTied(weight, model) || !Replacements.TryGetValue(other, out var shared))
        {
            Replacements[weight] = tensor.DetachFromDisposeScope();
            return;
        }
        Replacements[weight] = shared;
        if (!ReferenceEquals(shared, tensor)) tensor.Dispose();
    }

    /// <summary>Puts the adapter into the model in place of what is there, which is the caller's.</summary>
    internal void Put(CausalLM model, AdapterState state = AdapterState.Policy)
    {
        foreach (var projection in model.Adaptable)
        {
            var adapter = Updates.GetValueOrDefault(projection);
            if (state == AdapterState.Policy) projection.Adapter = adapter;
            else projection.ReferenceAdapter = adapter;
        }
        foreach (var weight in model.Weights)
        {
            var tensor = Replacements.GetValueOrDefault(weight);
            if (state == AdapterState.Policy) weight.Replacement = tensor;
            else weight.ReferenceReplacement = tensor;
        }
    }

    /// <summary>A copy outside autograd, for the reference model.</summary>
    internal AdapterSet Frozen()
    {
        var copies = new Dictionary<object, Tensor>(ReferenceEqualityComparer.Instance); // tensors compare by content
        foreach (var tensor in Replacements.Values) copies[tensor] = copies.GetValueOrDefault(tensor) ?? Copy(tensor);
        return new AdapterSet(Config) { Updates = Updates.ToDictionary(p => p.Key, p => p.Value.Frozen()), Replacements = Replacements.ToDictionary(p => p.Key, p => copies[p.Value]) };
    }

    public void Dispose()
    {
        foreach (var adapter in Updates.Values) adapter.Dispose();
        foreach (var tensor in Replacements.Values) tensor.Dispose();
    }

    private static Tensor Copy(Tensor tensor) => tensor.detach().to(float32).clone().DetachFromDisposeScope();
}
