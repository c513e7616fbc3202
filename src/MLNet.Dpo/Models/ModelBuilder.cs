using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>Loads a model's weights as its architecture asks for them, and keeps each under its name.</summary>
/// <param name="source">Where the weights come from.</param>
/// <param name="dtype">The model's type.</param>
/// <param name="device">The model's device.</param>
/// <param name="adapters">The switch that the model's projections share.</param>
/// <param name="masters">Takes the weights as the optimizer changes them, where these are of a wider type than the model's; null where the weights are the model's own.</param>
internal sealed class ModelBuilder(IWeightSource source, ScalarType dtype, Device device, AdapterSwitch adapters, MasterWeights? masters)
{
    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly List<Weight> _weights = [];

    /// <summary>Every weight so far; whoever takes the model disposes them.</summary>
    internal IReadOnlyDictionary<string, Tensor> Parameters => _parameters;

    /// <summary>The weights that the model computes with, with their slots, and a tied head.</summary>
    internal IReadOnlyList<Weight> Weights => _weights;

    /// <summary>The named weight, of the model's type.</summary>
    internal Weight Load(string name, params long[] shape)
    {
        var weight = _parameters[name] = source.Get(name, shape, masters is null ? dtype : ScalarType.Float32, device).DetachFromDisposeScope();
        return Add(new Weight(name, masters is null ? weight : masters.Add(weight, dtype), adapters));
    }

    /// <summary>The language-model head's projection: <c>lm_head.weight</c>, or the embedding's tensor where the head is tied to it.</summary>
    /// <param name="embedding">[vocabulary, hidden].</param>
    /// <param name="tied">Whether it is.</param>
    internal Linear Head(Weight embedding, bool tied)
    {
        const string Name = "lm_head";
        var weight = tied ? Add(new Weight(Name + ".weight", embedding.Stored, adapters) { TiedTo = embedding }) : Load(Name + ".weight", embedding.Stored.shape);
        return new Linear(Name, weight, null, adapters);
    }

    /// <summary>A projection: <c>{name}.weight</c>, [output, input], and <c>{name}.bias</c> where it has one.</summary>
    internal Linear Linear(string name, long output, long input, bool bias = false) =>
        new(name, Load(name + ".weight", output, input), bias ? Load(name + ".bias", output) : null, adapters);

    /// <summary>A projection whose weight is stored as [input, output] (GPT-2's Conv1D), with a bias.</summary>
    internal Linear Conv1D(string name, long output, long input) => new(name, Load(name + ".weight", input, output), Load(name + ".bias", output), adapters, fanInFanOut: true);

    /// <summary>A layer norm: <c>{name}.weight</c>, [size], and <c>{name}.bias</c> where it has one.</summary>
    internal LayerNorm LayerNorm(string name, long size, double eps, bool bias = true) =>
        new(Load(name + ".weight", size), bias ? Load(name + ".bias", size) : null, eps);

    /// <summary>Gemma's RMS norm: <c>{name}.weight</c>, [size].</summary>
    internal GemmaRmsNorm GemmaRmsNorm(string name, long size, double eps) => new(Load(name + ".weight", size), eps);

    /// <summary>An RMS norm: <c>{name}.weight</c>, [size].</summary>
    internal RmsNorm RmsNorm(string name, long size, double eps) => new(Load(name + ".weight", size), eps);

    private Weight Add(Weight weight)
    {
        _weights.Add(weight);
        return weight;
    }
}
