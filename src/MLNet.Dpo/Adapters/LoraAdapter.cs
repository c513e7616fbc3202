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
/// <remarks>
/// An adapter that begins as a part of the base's weight W (PiSSA, OLoRA) is trained on top of the rest of it, W - scale · B₀·A₀. That is W + scale · (B·A - B₀·A₀): the base stays as it is, and the beginning
/// is taken off the update. In a file it is a LoRA of twice the rank on the original base, [A; A₀] and [B, -B₀], as PEFT converts it.
/// </remarks>
internal sealed class LoraAdapter : IAdapter
{
    internal const string AName = "lora_A.weight";
    internal const string BName = "lora_B.weight";
    private readonly LoraStart? _start;
    private readonly double _scale;
    private readonly Scalar _factor; // TorchSharp holds no Scalar while its call runs: one that nothing refers to may be collected under it

    /// <summary>Takes over two matrices.</summary>
    /// <param name="a">[rank, in], float32.</param>
    /// <param name="b">[out, rank], float32.</param>
    /// <param name="scale">alpha / rank, or alpha / √rank with rank-stabilised LoRA (arXiv 2312.03732).</param>
    /// <param name="start">What the matrices were where that is a part of the base; it is taken over too.</param>
    internal LoraAdapter(Tensor a, Tensor b, double scale, LoraStart? start = null)
    {
        (A, B, _scale, _factor, _start) = (a.DetachFromDisposeScope(), b.DetachFromDisposeScope(), scale, scale, start);
        Parameters = [KeyValuePair.Create(AName, A), KeyValuePair.Create(BName, B)];
    }

    /// <summary>[rank, in].</summary>
    internal Tensor A { get; }

    /// <summary>[out, rank].</summary>
    internal Tensor B { get; }

    internal double Scale => _scale;

    /// <summary>The probability with which an element of the input is dropped while training.</summary>
    internal double Dropout { get; init; }

    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    public IReadOnlyList<KeyValuePair<string, Tensor>> Saved =>
        _start is null ? Parameters : [KeyValuePair.Create(AName, cat([A, _start.A], 0)), KeyValuePair.Create(BName, cat([B, _start.B.neg()], 1))];

    public string Settings => string.Create(CultureInfo.InvariantCulture, $"lora, scale {_scale:R}");

    /// <summary>An adapter that changes nothing yet: A uniform in ±1/√in (PEFT's Kaiming initialisation), B zero.</summary>
    internal static LoraAdapter Initialize(Linear projection, int rank, double scale, Random random) =>
        LoraStart.Initialize(LoraInitialization.Kaiming, projection, rank, scale, random, 0);

    /// <summary>An adapter from a file's tensors.</summary>
    internal static LoraAdapter From(Linear projection, IReadOnlyDictionary<string, Tensor> tensors, double scale, int rank, double dropout, string path, Func<LoraStart?> start)
    {
        if (tensors.Count != 2 || !tensors.TryGetValue(AName, out var a) || !tensors.TryGetValue(BName, out var b))
            throw new InvalidDataException($"{path}: the adapter of {projection.Name} has {string.Join(", ", tensors.Keys.Order(StringComparer.Ordinal))}; LoRA needs {AName} and {BName}, so export the adapter again with PEFT.");
        if (a.shape.SequenceEqual([rank, projection.InFeatures]) && b.shape.SequenceEqual([projection.OutFeatures, rank])) return new LoraAdapter(a, b, scale, start()) { Dropout = dropout };
        throw new InvalidDataException(
            $"{path}: the adapter of {projection.Name} has shapes [{string.Join(", ", a.shape)}] and [{string.Join(", ", b.shape)}]; its configuration and this base need [{rank}, {projection.InFeatures}] and [{projection.OutFeatures}, {rank}], so use the adapter_config.json and the base that belong to it.");
    }

    /// <summary>The product is added into the base's result in place, so that no third [tokens, out] tensor is made.</summary>
    public Tensor Forward(Linear projection, Tensor x)
    {
        var y = projection.Project(x);
        var input = projection.Drop(x, Dropout);
        return _start is null ? y.addmm_(nn.functional.linear(input, A.to(x.dtype)).mul(_factor), B.to(x.dtype).t()) : y.PlusInPlace(Update(x, input));
    }

    /// <summary>What the adapter adds, [tokens, in] -> [tokens, out]; exactly 0 as long as it is what it began as and nothing is dropped.</summary>
    /// <param name="x">The projection's input.</param>
    /// <param name="dropped">The same with dropped elements, for what is trained.</param>
    internal Tensor Update(Tensor x, Tensor dropped)
    {
        var product = Product(dropped, A, B);
        return (_start is null ? product : product.sub_(Product(x, _start.A, _start.B))).mul(_factor);
    }

    /// <summary>The same as a matrix, [out, in], float32.</summary>
    internal Tensor UpdateOfWeight()
    {
        var product = B.mm(A);
        return (_start is null ? product : product.sub_(_start.B.mm(_start.A))).mul(_factor);
    }

    public Tensor Merge(Tensor weight) => weight.detach().Plus(UpdateOfWeight());

    public IAdapter Frozen() => new LoraAdapter(A.detach().clone(), B.detach().clone(), _scale, _start?.Copy());

    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        var (a, b, rank) = (saved[AName], saved[BName], A.size(0));
        A.copy_(a.narrow(0, 0, rank));
        B.copy_(b.narrow(1, 0, rank));
        if (_start is null) return;
        _start.A.copy_(a.narrow(0, rank, rank));
        _start.B.copy_(b.narrow(1, rank, rank).neg());
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        _start?.Dispose();
    }

    private static Tensor Product(Tensor x, Tensor a, Tensor b) => nn.functional.linear(nn.functional.linear(x, a.to(x.dtype)), b.to(x.dtype));
}
