using static TorchSharp.torch;

namespace MLNet.Dpo.Files.Safetensors;

/// <summary>Carries tensors into and out of safetensors files.</summary>
internal static class TensorSafetensors
{
    // bytes spans are limited to 2 GB, so large tensors travel in parts.
    private const long ChunkBytes = 1L << 28;

    /// <summary>The named tensor, converted to a type, on the given device, owned by the caller's scope.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not read, or a value in it is NaN or infinite.</exception>
    internal static Tensor Read(SafetensorsCheckpoint checkpoint, string name, ScalarType dtype, Device device)
    {
        var entry = checkpoint.Get(name);
        return ReadPart(checkpoint, entry, 0, [.. entry.Shape], dtype, device);
    }

    /// <summary>Consecutive elements of an entry as a tensor of their own, converted to a type, on the given device, owned by the caller's scope.</summary>
    /// <param name="checkpoint">Where the entry lies.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="first">The first element.</param>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="dtype">Its type.</param>
    /// <param name="device">Where to put it.</param>
    /// <exception cref="InvalidDataException">It is of a type that is not read, or a value in it is NaN or infinite.</exception>
    internal static Tensor ReadPart(SafetensorsCheckpoint checkpoint, SafetensorsEntry entry, long first, long[] shape, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var raw = empty(shape, TypeOf(entry, checkpoint.Path));
        var flat = raw.view(-1);
        var step = ChunkBytes / raw.ElementSize;
        for (long start = 0, count = flat.numel(); start < count; start += step)
        {
            using var part = flat.narrow(0, start, Math.Min(step, count - start));
            checkpoint.CopyTo(entry, (first + start) * raw.ElementSize, part.bytes);
        }
        CheckFinite(raw, entry.Name, checkpoint.Path);
        return raw.to(dtype).to(device).MoveToOuterDisposeScope();
    }

    // Without a copy: NaN goes through both, and a sum in another type would first convert the whole tensor.
    private static void CheckFinite(Tensor tensor, string name, string path)
    {
        if (tensor.numel() > 0 && !(IsFinite(tensor.max()) && IsFinite(tensor.min())))
            throw new InvalidDataException($"{path}: tensor {name} has a value that is NaN or infinite; the file is damaged, or comes of a training that failed. Get or make it again.");
    }

    private static bool IsFinite(Tensor value) => double.IsFinite(value.to(ScalarType.Float64).item<double>());

    /// <summary>A tensor as an entry of a file to be written.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="tensor">Any device; must live until the file is written.</param>
    /// <param name="storedAs">Float64, float32, float16 or bfloat16; null: the tensor's own type.</param>
    internal static SafetensorsSource Source(string name, Tensor tensor, ScalarType? storedAs = null)
    {
        var dtype = storedAs ?? tensor.dtype;
        return new(name, StoredType(dtype), tensor.shape, stream => Write(tensor, dtype, stream));
    }

    private static void Write(Tensor tensor, ScalarType dtype, Stream stream)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = tensor.detach().contiguous().view(-1);
        var step = ChunkBytes / sizeof(double);
        for (long start = 0, count = flat.numel(); start < count; start += step)
        {
            using var partScope = NewDisposeScope();
            stream.Write(flat.narrow(0, start, Math.Min(step, count - start)).to(dtype).to(CPU).bytes);
        }
    }

    private static SafetensorsDType StoredType(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => SafetensorsDType.F32,
        ScalarType.BFloat16 => SafetensorsDType.BF16,
        ScalarType.Float16 => SafetensorsDType.F16,
        ScalarType.Float64 => SafetensorsDType.F64,
        _ => throw new ArgumentException($"dtype is {dtype}; allowed: Float64, Float32, Float16, BFloat16.", nameof(dtype)),
    };

    private static ScalarType TypeOf(SafetensorsEntry entry, string path) => entry.DType switch
    {
        SafetensorsDType.F32 => ScalarType.Float32,
        SafetensorsDType.BF16 => ScalarType.BFloat16,
        SafetensorsDType.F16 => ScalarType.Float16,
        SafetensorsDType.F64 => ScalarType.Float64,
        _ => throw new InvalidDataException($"{path}: tensor {entry.Name} is {entry.DType}; weights can be read as F64, F32, F16 or BF16 (quantised checkpoints are not supported)."),
    };
}
