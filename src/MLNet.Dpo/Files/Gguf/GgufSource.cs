namespace MLNet.Dpo.Files.Gguf;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Shape">Its dimensions in C order.</param>
/// <param name="WriteTo">Writes its bytes, as many as type and shape ask for.</param>
internal sealed record GgufSource(string Name, GgufType Type, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>Its length in bytes.</summary>
    internal long ByteLength
    {
        get
        {
            var block = GgufTypes.BlockOf(Type)!.Value;
            return Shape.Aggregate(1L, (product, dimension) => product * dimension) / block.Elements * block.Bytes;
        }
    }
}
