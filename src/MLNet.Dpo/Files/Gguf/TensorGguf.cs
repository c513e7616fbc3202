using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MLNet.Dpo.Files.Gguf;

/// <summary>Carries tensors into and out of GGUF files.</summary>
internal static class TensorGguf
{
    // A multiple of every block, small enough that a chunk's floats are no burden.
    private const int ChunkElements = 1 << 20;
    private const float LargestHalf = 65504;

    /// <summary>A tensor's elements, dequantised, on the CPU, owned by the caller's scope: float16 and bfloat16 as they are stored, else float32.</summary>
    /// <exception cref="InvalidDataException">It is of a type that is not read, or a value in it is NaN or infinite.</exception>
    internal static Tensor Read(GgufFile file, GgufEntry entry)
    {
        using var scope = NewDisposeScope();
        var type = entry.Type switch
        {
            GgufType.F16 => ScalarType.Float16,
            GgufType.BF16 => ScalarType.BFloat16,
            GgufType.F32 or GgufType.Q8_0 or GgufType.Q4_0 or GgufType.Q4_1 or GgufType.Q5_0 or GgufType.Q5_1 or GgufType.Q4_K or GgufType.Q5_K or GgufType.Q6_K => ScalarType.Float32,
            _ => throw new InvalidDataException($"{file.Path}: tensor {entry.Name} is of the type {entry.Type}; weights can be read as {GgufTypes.Readable}. Take the model in one of these."),
        };
        var tensor = empty([.. entry.Shape], type);
        var flat = tensor.view(-1);
        for (long start = 0, count = flat.numel(); start < count; start += ChunkElements)
        {
            using var part = flat.narrow(0, start, Math.Min(ChunkElements, count - start));
            Fill(file, entry, start, part);
        }
        if (tensor.numel() > 0 && !(IsFinite(tensor.max()) && IsFinite(tensor.min())))
            throw new InvalidDataException($"{file.Path}: tensor {entry.Name} has a value that is NaN or infinite; the file is damaged. Get or make it again.");
        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>A tensor to be written; its rows are to be a multiple of the type's block.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="type">F32, F16, BF16 or Q8_0.</param>
    /// <param name="make">Makes the tensor when its turn comes, so that not all are in memory; disposed after.</param>
    internal static GgufSource Source(string name, IReadOnlyList<long> shape, GgufType type, Func<Tensor> make) => new(name, type, shape, stream =>
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var flat = make().detach().contiguous().view(-1);
        for (long start = 0, count = flat.numel(); start < count; start += ChunkElements)
        {
            using var partScope = NewDisposeScope();
            var part = flat.narrow(0, start, Math.Min(ChunkElements, count - start)).to(CPU);
            stream.Write(Encode(name, part, type));
        }
    });

    private static ReadOnlySpan<byte> Encode(string name, Tensor part, GgufType type)
    {
        switch (type)
        {
            case GgufType.F32: return part.to(ScalarType.Float32).bytes;
            case GgufType.BF16: return part.to(ScalarType.BFloat16).bytes;
            case GgufType.F16:
                if (part.abs().max().to(ScalarType.Float32).item<float>() > LargestHalf)
                    throw new InvalidDataException($"the weights have a value beyond {LargestHalf}, the largest that F16 holds ({name}); write BFloat16 or Float32 instead.");
                return part.to(ScalarType.Float16).bytes;
            default:
                var elements = MemoryMarshal.Cast<byte, float>(part.to(ScalarType.Float32).bytes);
                var blocks = new byte[elements.Length / GgufTypes.Block * 34];
                GgufBlocks.QuantizeQ8(elements, blocks);
                return blocks;
        }
    }

    private static void Fill(GgufFile file, GgufEntry entry, long start, Tensor part)
    {
        var block = GgufTypes.BlockOf(entry.Type)!.Value;
        var bytes = start / block.Elements * block.Bytes;
        if (block.Elements == 1)
        {
            file.CopyTo(entry, bytes, part.bytes);
            return;
        }
        var raw = new byte[part.numel() / block.Elements * block.Bytes];
        file.CopyTo(entry, bytes, raw);
        GgufBlocks.Dequantize(entry.Type, raw, MemoryMarshal.Cast<byte, float>(part.bytes));
    }

    private static bool IsFinite(Tensor value) => double.IsFinite(value.to(ScalarType.Float64).item<double>());
}
