using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>A low-rank update of one projection (LoRA, arXiv 2106.09685): y + scale · (x·Aᵀ)·Bᵀ.</summary>
/// <param name="a">[rank, in].</param>
/// <param name="b">[out, rank].</param>
/// <param name="scale">alpha / rank, or alpha / √rank with rank-stabilised LoRA (arXiv 2312.03732).</param>
internal sealed class LoraAdapter(Tensor a, Tensor b, double scale) : IDisposable
{
    internal Tensor A { get; } = a.DetachFromDisposeScope();

    internal Tensor B { get; } = b.DetachFromDisposeScope();

    internal double Scale { get; } = scale;

    /// <summary>Adds the adapter's product into <paramref name="y"/> [tokens, out], given the projection's input <paramref name="x"/> [tokens, in].</summary>
    internal Tensor AddTo(Tensor y, Tensor x) => y.addmm_(nn.functional.linear(x, A).mul(Scale), B.t());

    /// <summary>The update as a matrix, scale · B·A, [out, in].</summary>
    internal Tensor Delta() => B.mm(A).mul(Scale);

    /// <summary>A frozen copy, for the reference model.</summary>
    internal LoraAdapter Frozen() => new(A.detach().clone(), B.detach().clone(), Scale);

    /// <summary>An adapter that changes nothing yet: A uniform in ±1/√in (PEFT's Kaiming initialisation), B zero.</summary>
    internal static LoraAdapter Initialize(Linear projection, int rank, double scale, Random random)
    {
        var bound = 1 / Math.Sqrt(projection.InFeatures);
        var values = new float[rank * projection.InFeatures];
        for (var i = 0; i < values.Length; i++) values[i] = (float)((random.NextDouble() * 2 - 1) * bound);
        var device = projection.Weight.device;
        return new LoraAdapter(
            tensor(values, [rank, projection.InFeatures], device: device),
            zeros([projection.OutFeatures, rank], device: device),
            scale);
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
