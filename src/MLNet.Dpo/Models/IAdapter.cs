using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>A trained change of one projection. It sees the projection itself, so that it may also rescale the base's product or its weight.</summary>
internal interface IAdapter : IDisposable
{
    /// <summary>The trained tensors, float32, under PEFT's names within the module, for example <c>lora_A.weight</c>.</summary>
    IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    /// <summary>What a file holds, under the same names: the trained tensors, unless the adapter is written in another form. New tensors belong to the dispose scope.</summary>
    IReadOnlyList<KeyValuePair<string, Tensor>> Saved => Parameters;

    /// <summary>What decides the result beside the parameters, as text; equal text and equal parameters are equal adapters.</summary>
    string Settings { get; }

    /// <summary>The projection's output with the adapter in it, [tokens, in] -> [tokens, out].</summary>
    Tensor Forward(Linear projection, Tensor x);

    /// <summary>The weight that gives the same output without an adapter, [out, in], float32 or the weight's own type, whichever is wider.</summary>
    /// <param name="weight">The projection's weight, which stays as it is.</param>
    Tensor Merge(Tensor weight);

    /// <summary>A copy outside autograd, for the reference model.</summary>
    IAdapter Frozen();

    /// <summary>Takes the values of what <see cref="Saved"/> gave, of the same shapes.</summary>
    void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        foreach (var (name, parameter) in Parameters) parameter.copy_(saved[name]);
    }
}
