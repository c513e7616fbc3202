using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>The weights of a GGUF file under Hugging Face's names, dequantised one by one as they are asked for.</summary>
internal sealed class GgufWeights(GgufFile file, GgufFamily family, DecoderConfig config) : IWeightSource
{
    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
    {
        if (family.NameOf(name) is not { } own || !file.TryGet(own, out var entry))
            throw new InvalidDataException($"{file.Path}: tensor {family.NameOf(name) ?? name} is missing; the file does not hold a complete {family.Architecture} model. Get or make it again.");
        if (!entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"{file.Path}: tensor {own} has shape [{string.Join(", ", entry.Shape)}]; the file's keys ask for [{string.Join(", ", shape)}]. Get or make the file again.");
        using var scope = NewDisposeScope();
        return family.Inward(name, TensorGguf.Read(file, entry), config.NumAttentionHeads, config.NumKeyValueHeads).to(dtype).to(device).MoveToOuterDisposeScope();
    }
}
