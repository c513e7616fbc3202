using System.Diagnostics.CodeAnalysis;

namespace MLNet.Dpo;

/// <summary>How <see cref="CausalLMTransformer.SaveGguf"/> stores a model's matrices; norms and biases are always float32.</summary>
public enum GgufPrecision
{
    /// <summary>32 bits: the weights as they are.</summary>
    Float32,

    /// <summary>16 bits, IEEE 754 half precision; the usual one.</summary>
    Float16,

    /// <summary>16 bits with the range of float32.</summary>
    BFloat16,

    /// <summary>8 bits and a scale for 32 weights: 8.5 bits a weight.</summary>
    [SuppressMessage("Naming", "CA1707", Justification = "The format's own name.")]
    Q8_0,
}
