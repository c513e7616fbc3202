using System.Globalization;
using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>
/// A low-rank update of one projection (LoRA, arXiv 2106.09685): y + scale · (x·Aᵀ)·Bᵀ. Both matrices are float32 and are rounded to the
/// model's type when they are used, as TRL's mixed precision does.
/// </summary>
internal sealed class LoraAdapter : IAdapter
{
    internal const string AName = "lora_A.weight";
    internal const string BName = "lora_B.weight";
    private readonly double _scale;
    private readonly Scalar _factor; // TorchSharp holds no Scalar while its call runs: one that nothing refers to may be collected under it

    /// <summary>Takes over two matrices.</summary>
    /// <param name="a">[rank, in], float32.</param>
    /// <param name="b">[out, rank], float32.</param>
    /// <param name="scale">alpha / rank, or alpha / √rank with rank-stabilised LoRA (arXiv 2312.03732).</param>
    internal LoraAdapter(Tensor a, Tensor b, double scale)
    {
        (A, B, _scale, _factor) = (a.DetachFromDisposeScope(), b.DetachFromDisposeScope(), scale, scale);
        Parameters = [KeyValuePair.Create(AName, A), KeyValuePair.Create(BName, B)];
    }

    /// <summary>[rank, in].</summary>
    internal Tensor A { get; }

    /// <summary>[out, rank].</summary>
    internal Tensor B { get; }

    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    public string Settings => string.Create(CultureInfo.InvariantCulture, $"lora, scale {_scale:R}");

    /// <summary>An adapter that changes nothing yet: A uniform in ±1/√in (PEFT's Kaiming initialisation), B zero.</summary>
    internal static LoraAdapter Initialize(Linear projection, int rank, double scale, Random random)
    {
        var bound = 1 / Math.Sqrt(projection.InFeatures);
        var values = new float[rank * projection.InFeatures];
        for (var i = 0; i < values.Length; i++) values[i] = (float)((random.NextDouble() * 2 - 1) * bound);
        var device = projection.Device;
        return new LoraAdapter(
            tensor(values, [rank, projection.InFeatures], device: device),
            zeros([projection.OutFeatures, rank], float32, device),
            scale);
    }

    /// <summary>An adapter from a file's tensors.</summary>
    internal static LoraAdapter From(Linear projection, IReadOnlyDictionary<string, Tensor> tensors, int rank, double scale, string path)
    {
        if (tensors.Count != 2 || !tensors.TryGetValue(AName, out var a) || !tensors.TryGetValue(BName, out var b))
            throw new InvalidDataException($"{path}: the adapter of {projection.Name} has {string.Join(", ", tensors.Keys.Order(StringComparer.Ordinal))}; LoRA needs {AName} and {BName}, so export the adapter again with PEFT.");
        if (a.shape.SequenceEqual([rank, projection.InFeatures]) && b.shape.SequenceEqual([projection.OutFeatures, rank])) return new LoraAdapter(a, b, scale);
        throw new InvalidDataException(
            $"{path}: the adapter of {projection.Name} has shapes [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}]; its configuration and this base need [{rank}, {projection.InFeatures}] and [{projection.OutFeatures}, {rank}], so use the adapter_config.json and the base that belong to it.");
    }

    /// <summary>The product is added into the base's result in place, so that no third [tokens, out] tensor is made.</summary>
    public Tensor Forward(Linear projection, Tensor x)
    {
        var y = projection.Project(x);
        return y.addmm_(nn.functional.linear(x, A.to(x.dtype)).mul(_factor), B.to(x.dtype).t());
    }

    public Tensor Merge(Tensor weight) => weight.detach().Plus(B.mm(A).mul(_factor));

    public IAdapter Frozen() => new LoraAdapter(A.detach().clone(), B.detach().clone(), _scale);

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
