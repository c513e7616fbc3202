namespace MLNet.Dpo;

/// <summary>
/// The number type that a model computes in: that of its frozen weights, of what flows through its layers and of the generation's cache. Whatever it is, these are float32: LoRA matrices and the optimizer's
/// state, statistics of norms, the softmax over the vocabulary, log-probabilities and losses; and where all weights are trained, the weights that the optimizer changes.
/// </summary>
public enum Precision
{
    /// <summary>
    /// <see cref="BFloat16"/> where it is computed in hardware and the model has 10 million parameters or more, else <see cref="Float32"/>. Hardware is a processor with AVX512-BF16 or AMX-BF16, by its flags alone,
    /// or a GPU of compute capability 8.0 or higher. Smaller models gain nothing by it.
    /// </summary>
    Auto,

    /// <summary>32 bits: what the reference libraries' numbers are compared in.</summary>
    Float32,

    /// <summary>
    /// 16 bits, with float32's range and 8 bits of its 24-bit precision: half the memory, and several times the speed in hardware. Without it the results are the same kind, but slow.
    /// </summary>
    BFloat16,
}
