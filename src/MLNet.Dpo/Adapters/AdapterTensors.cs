using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>The tensors of a model's adapter under PEFT's names.</summary>
internal static class AdapterTensors
{
    internal const string Prefix = "base_model.model.";

    /// <summary>What is trained, or was: matrices of adapters and weights that stand in place of the base's. A tensor that stands in two places is there once.</summary>
    internal static IEnumerable<KeyValuePair<string, Tensor>> Trained(CausalLM model, AdapterState state) =>
        Matrices(model, state, adapter => adapter.Parameters).Concat(Weights(model, state).DistinctBy(w => (object)w.Value, ReferenceEqualityComparer.Instance));

    /// <summary>What a file holds. New tensors belong to the dispose scope.</summary>
    internal static IEnumerable<KeyValuePair<string, Tensor>> Saved(CausalLM model, AdapterState state) =>
        Matrices(model, state, adapter => adapter.Saved).Concat(Weights(model, state));

    /// <summary>What decides the result beside the tensors, by module.</summary>
    internal static Dictionary<string, string> Settings(CausalLM model, AdapterState state)
    {
        var settings = model.Adaptable.Select(p => (p.Name, Adapter: AdapterOf(p, state))).Where(p => p.Adapter is not null).ToDictionary(p => p.Name + ".adapter", p => p.Adapter!.Settings);
        foreach (var (name, _) in Weights(model, state)) settings[name] = "replaced";
        return settings;
    }

    /// <summary>Puts values back that <see cref="Saved"/> gave.</summary>
    /// <param name="model">The model, with adapters of the same kind in it.</param>
    /// <param name="read">Reads a tensor by name and checks its shape.</param>
    internal static void Restore(CausalLM model, Func<string, long[], ScalarType, Tensor> read)
    {
        foreach (var projection in model.Adaptable.Where(p => p.Adapter is not null))
        {
            using var scope = NewDisposeScope();
            projection.Adapter!.Restore(projection.Adapter.Saved.ToDictionary(t => t.Key, t => read(NameOf(projection) + t.Key, t.Value.shape, t.Value.dtype)));
        }
        foreach (var (name, weight) in Weights(model, AdapterState.Policy))
        {
            using var scope = NewDisposeScope();
            weight.copy_(read(name, weight.shape, weight.dtype));
        }
    }

    /// <summary>What the tensors of a projection's adapter are called before their own names.</summary>
    internal static string NameOf(Linear projection) => $"{Prefix}{projection.Name}.";

    private static IEnumerable<KeyValuePair<string, Tensor>> Matrices(CausalLM model, AdapterState state, Func<IAdapter, IEnumerable<KeyValuePair<string, Tensor>>> tensors) =>
        from projection in model.Adaptable
        from parameter in AdapterOf(projection, state) is { } adapter ? tensors(adapter) : []
        select KeyValuePair.Create(NameOf(projection) + parameter.Key, parameter.Value);

    // A bias of a projection that has an adapter too lies below it in PEFT's model, and keeps that name in files.
    private static IEnumerable<KeyValuePair<string, Tensor>> Weights(CausalLM model, AdapterState state)
    {
        var adapted = model.Adaptable.Where(p => AdapterOf(p, state) is not null).Select(p => p.Name + ".bias").ToHashSet(StringComparer.Ordinal);
        return from weight in model.Weights
               let replacement = state == AdapterState.Policy ? weight.Replacement : weight.ReferenceReplacement
               where replacement is not null
               select KeyValuePair.Create(Prefix + (adapted.Contains(weight.Name) ? weight.Name[..^"bias".Length] + "base_layer.bias" : weight.Name), replacement);
    }

    private static IAdapter? AdapterOf(Linear projection, AdapterState state) => state == AdapterState.Policy ? projection.Adapter : projection.ReferenceAdapter;
}
