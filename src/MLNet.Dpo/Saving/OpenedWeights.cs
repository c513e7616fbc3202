using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving.Gguf;
using static TorchSharp.torch;

namespace MLNet.Dpo.Saving;

/// <summary>The weights of a model on disk, be that a folder or a GGUF file.</summary>
/// <param name="weights">The weights.</param>
/// <param name="file">What they are read from.</param>
/// <param name="count">How many numbers they are.</param>
/// <param name="areBFloat16">Whether all are stored as bfloat16.</param>
internal sealed class OpenedWeights(IWeightSource weights, IDisposable file, long count, bool areBFloat16) : IWeightSource, IDisposable
{
    /// <summary>Whether there is a model folder or a GGUF file.</summary>
    internal static bool IsThere(string path) => Directory.Exists(path) || (GgufFile.IsNamed(path) && File.Exists(path));

    /// <summary>How many numbers they are.</summary>
    internal long Count => count;

    /// <summary>Whether all are stored as bfloat16, so that they lose nothing in it.</summary>
    internal bool AreBFloat16 => areBFloat16;

    /// <summary>Opens the weights of a model.</summary>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    internal static OpenedWeights Open(string path)
    {
        if (GgufFile.IsNamed(path))
        {
            var model = GgufModel.Open(path);
            return new OpenedWeights(model.Weights, model, model.Tensors.Sum(tensor => tensor.ElementCount), model.Tensors.All(tensor => tensor.Type == GgufType.BF16));
        }
        var checkpoint = SafetensorsCheckpoint.Open(path);
        return new OpenedWeights(new CheckpointWeights(checkpoint), checkpoint, checkpoint.Tensors.Values.Sum(entry => entry.ElementCount), checkpoint.Tensors.Values.All(entry => entry.DType == SafetensorsDType.BF16));
    }

    /// <summary>The configuration of a model folder or GGUF file.</summary>
    internal static DecoderConfig ReadConfig(string path)
    {
        if (!GgufFile.IsNamed(path)) return Architecture.Read(path);
        using var model = GgufModel.Open(path);
        return model.Config;
    }

    public Tensor Get(string name, long[] shape, ScalarType dtype, Device device) => weights.Get(name, shape, dtype, device);

    public void Dispose() => file.Dispose();
}
