using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// The dropout of adapters in one training step (arXiv 1207.0580): each element of an adapter's input is 0 with the adapter's probability, the others are scaled up. What is dropped depends on the seed, the
/// step, the micro-batch and the projection alone, so that a step that is computed twice, or in a run that was resumed, drops the same.
/// </summary>
/// <param name="seed">The run's.</param>
/// <param name="step">The optimizer step's number.</param>
internal sealed class AdapterDropout(int seed, int step)
{
    private int _micro;

    /// <summary>Goes to a micro-batch.</summary>
    internal void Begin(int micro) => _micro = micro;

    /// <summary>The input of one projection's adapter, [tokens, in], with dropped elements.</summary>
    internal Tensor Apply(Tensor x, double probability, string projection)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(SeedOf(projection), x.device);
        using Scalar limit = probability, factor = 1 / (1 - probability);
        var kept = rand(x.shape, float32, x.device, generator: generator).ge(limit).to(x.dtype).mul(factor);
        return x.mul(kept).MoveToOuterDisposeScope();
    }

    private ulong SeedOf(string projection) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed} {step} {_micro} {projection}"))));
}
