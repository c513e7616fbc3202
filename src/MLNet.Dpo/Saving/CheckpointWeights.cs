using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>A model folder's weights, converted one by one as they are asked for.</summary>
internal sealed class CheckpointWeights(SafetensorsCheckpoint checkpoint) : IWeightSource
{
    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device)
    {
        if (!checkpoint.TryGet(name, out var entry) && !checkpoint.TryGet(OtherName(name), out entry))
        {
            if (FusedExperts.Find(checkpoint, name, shape) is { } part) return TensorSafetensors.ReadPart(checkpoint, part.Entry, part.Start, shape, dtype, device);
            throw new InvalidDataException($"{checkpoint.Path}: tensor {name} is missing; config.json and the weights do not belong together, or the file is incomplete.");
        }
        if (!entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"{checkpoint.Path}: tensor {name} has shape [{string.Join(", ", entry.Shape)}]; config.json asks for [{string.Join(", ", shape)}].");
        return TensorSafetensors.Read(checkpoint, entry.Name, dtype, device);
    }

    // A folder that holds the decoder without its head, as gpt2's does, lacks the decoder's own name. Mixtral's router has another name where its experts lie in one tensor.
    private static string OtherName(string name) =>
        name.EndsWith(".block_sparse_moe.gate.weight", StringComparison.Ordinal) ? name.Replace(".block_sparse_moe.", ".mlp.", StringComparison.Ordinal)
        : name.StartsWith("model.", StringComparison.Ordinal) || name.StartsWith("transformer.", StringComparison.Ordinal) ? name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..] : name;
}
