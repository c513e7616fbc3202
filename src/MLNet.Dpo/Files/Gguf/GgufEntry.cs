namespace MLNet.Dpo.Files.Gguf;

/// <summary>Where one tensor lies in a GGUF file.</summary>
/// <param name="Name">The tensor's name, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Shape">Its dimensions in C order, the reverse of the file's.</param>
/// <param name="Offset">Byte offset from the start of the file.</param>
/// <param name="ByteLength">Its length in bytes; -1 for a type that is not known.</param>
internal sealed record GgufEntry(string Name, GgufType Type, IReadOnlyList<long> Shape, long Offset, long ByteLength)
{
    /// <summary>The number of elements.</summary>
    internal long ElementCount => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Name, type and shape, for example <c>token_embd.weight Q8_0 [1024, 64]</c>.</summary>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}
