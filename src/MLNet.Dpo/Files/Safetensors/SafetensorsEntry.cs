namespace MLNet.Dpo.Files.Safetensors;

/// <summary>Where one tensor lies in a safetensors file. Values are little endian, in C order.</summary>
/// <param name="Name">The tensor's name, for example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="DType">The type of its elements.</param>
/// <param name="Shape">Its dimensions, empty for a scalar.</param>
/// <param name="Offset">Byte offset of its first element from the start of the file.</param>
/// <param name="ByteLength">Its length in bytes: the product of the shape times the size of an element.</param>
internal sealed record SafetensorsEntry(string Name, SafetensorsDType DType, IReadOnlyList<long> Shape, long Offset, long ByteLength)
{
    /// <summary>The number of elements: the product of the shape, 1 for a scalar.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Name, dtype and shape, for example <c>lm_head.weight F32 [1024, 64]</c>.</summary>
    public override string ToString() => $"{Name} {DType} [{string.Join(", ", Shape)}]";
}
