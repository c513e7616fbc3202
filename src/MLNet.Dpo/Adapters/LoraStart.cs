using MLNet.Dpo.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>The matrices of a fresh LoRA, and what they were where they began as a part of the base's weight.</summary>
/// <param name="A">[rank, in].</param>
/// <param name="B">[out, rank].</param>
internal sealed record LoraStart(Tensor A, Tensor B) : IDisposable
{
    /// <summary>A fresh adapter, as PEFT begins it.</summary>
    /// <param name="kind">How.</param>
    /// <param name="projection">Where it goes.</param>
    /// <param name="rank">Its rank.</param>
    /// <param name="scale">The factor on its product.</param>
    /// <param name="random">Gives the random numbers.</param>
    /// <param name="dropout">Its dropout.</param>
    internal static LoraAdapter Initialize(LoraInitialization kind, Linear projection, int rank, double scale, Random random, double dropout)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope(); // an adapter takes what it keeps out of it
        switch (kind)
        {
            case LoraInitialization.Kaiming or LoraInitialization.Gaussian:
                return new LoraAdapter(RandomA(kind, projection, rank, random), zeros([projection.OutFeatures, rank], float32, projection.Device), scale) { Dropout = dropout };
            default:
                var start = Of(kind, projection, rank, scale);
                return new LoraAdapter(start.A.clone(), start.B.clone(), scale, start) { Dropout = dropout };
        }
    }

    /// <summary>The part of a weight that an adapter begins as.</summary>
    /// <exception cref="ArgumentException">The weight has fewer directions than the rank.</exception>
    internal static LoraStart Of(LoraInitialization kind, Linear projection, int rank, double scale)
    {
        if (rank > Math.Min(projection.InFeatures, projection.OutFeatures))
            throw new ArgumentException($"Lora.Rank is {rank} and Initialization is {kind}, but {projection.Name} is [{projection.OutFeatures}, {projection.InFeatures}], which has no more than {Math.Min(projection.InFeatures, projection.OutFeatures)} directions; give a lower rank, or leave the module out.");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (a, b) = kind == LoraInitialization.Pissa ? Pissa(projection, rank, scale) : Olora(projection, rank);
        return new LoraStart(a.contiguous(), b.contiguous()).Copy();
    }

    /// <summary>A copy outside autograd and all dispose scopes.</summary>
    internal LoraStart Copy() => new(A.detach().clone().DetachFromDisposeScope(), B.detach().clone().DetachFromDisposeScope());

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    // Uniform in ±1/√in (PEFT's Kaiming initialisation), or normal with a deviation of 1/rank.
    private static Tensor RandomA(LoraInitialization kind, Linear projection, int rank, Random random)
    {
        var bound = 1 / Math.Sqrt(projection.InFeatures);
        var values = new float[rank * projection.InFeatures];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(kind == LoraInitialization.Kaiming ? (random.NextDouble() * 2 - 1) * bound : Normal(random) / rank);
        return tensor(values, [rank, projection.InFeatures], device: projection.Device);
    }

    // Box and Muller's transform of two uniform numbers.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    // The greatest singular values and their vectors, half of each value on either side (arXiv 2404.02948).
    private static (Tensor A, Tensor B) Pissa(Linear projection, int rank, double scale)
    {
        using Scalar divisor = scale;
        var (u, s, vh) = linalg.svd(projection.Weight.detach().to(float32), fullMatrices: false);
        var root = s.narrow(0, 0, rank).div(divisor).sqrt(); // [rank]
        return (vh.narrow(0, 0, rank).mul(root.unsqueeze(1)), u.narrow(1, 0, rank).mul(root));
    }

    // The first columns and rows of the weight's QR decomposition (arXiv 2406.01775).
    private static (Tensor A, Tensor B) Olora(Linear projection, int rank)
    {
        var (q, r) = linalg.qr(projection.Weight.detach().to(float32));
        return (r.narrow(0, 0, rank), q.narrow(1, 0, rank));
    }
}
