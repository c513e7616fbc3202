using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>A model folder's weights, converted one by one as they are asked for.</summary>
internal sealed class CheckpointWeights(SafetensorsCheckpoint checkpoint) : IWeightSource
{
    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
    {
        if (!checkpoint.TryGet(name, out var entry) && !checkpoint.TryGet(WithoutPrefix(name), out entry))
            throw new InvalidDataException($"{checkpoint.Path}: tensor {name} is missing; config.json and the weights do not belong together, or the file is incomplete.");
        if (!entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"{checkpoint.Path}: tensor {name} has shape [{string.Join(", ", entry.Shape)}]; config.json asks for [{string.Join(", ", shape)}].");
        return TensorSafetensors.Read(checkpoint, entry.Name, dtype, device);
    }

    // A folder that holds the decoder without its head, as gpt2's does, lacks the decoder's own name.
    private static string WithoutPrefix(string name) =>
        name.StartsWith("model.", StringComparison.Ordinal) || name.StartsWith("transformer.", StringComparison.Ordinal) ? name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..] : name;
}
