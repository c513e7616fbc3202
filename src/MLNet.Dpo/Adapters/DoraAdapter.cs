using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Adapters;

/// <summary>
/// Weight-decomposed low-rank adaptation (DoRA, arXiv 2402.09353): the rows of W + scale · B·A are scaled to trained lengths m, m / ‖W + scale · B·A‖. The lengths below are outside autograd (the paper's
/// section 4.3), as in PEFT.
/// </summary>
internal sealed class DoraAdapter : IAdapter
{
    internal const string MagnitudeName = "lora_magnitude_vector";
    private static readonly Scalar One = 1;
    private readonly LoraAdapter _lora;
    private readonly Tensor _magnitude; // [out]

    /// <summary>Takes over an update and the lengths.</summary>
    internal DoraAdapter(LoraAdapter lora, Tensor magnitude)
    {
        (_lora, _magnitude) = (lora, magnitude.DetachFromDisposeScope());
        Parameters = [.. lora.Parameters, KeyValuePair.Create(MagnitudeName, _magnitude)];
    }

    public IReadOnlyList<KeyValuePair<string, Tensor>> Parameters { get; }

    public IReadOnlyList<KeyValuePair<string, Tensor>> Saved => [.. _lora.Saved, KeyValuePair.Create(MagnitudeName, _magnitude)];

    public string Settings => "dora, " + _lora.Settings;

    /// <summary>An adapter that changes nothing yet: the lengths are those of the rows.</summary>
    internal static DoraAdapter Initialize(Linear projection, LoraAdapter lora)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return new DoraAdapter(lora, Lengths(lora.Merge(projection.Weight)));
    }

    /// <summary>An adapter from a file's tensors.</summary>
    internal static DoraAdapter From(Linear projection, IReadOnlyDictionary<string, Tensor> tensors, Func<IReadOnlyDictionary<string, Tensor>, LoraAdapter> update, string path)
    {
        // Files of PEFT before 0.11 call it a weight.
        var name = tensors.ContainsKey(MagnitudeName) ? MagnitudeName : MagnitudeName + ".weight";
        if (!tensors.TryGetValue(name, out var magnitude))
            throw new InvalidDataException($"{path}: use_dora is true, but the adapter of {projection.Name} has {string.Join(", ", tensors.Keys.Order(StringComparer.Ordinal))} without {MagnitudeName}; export the adapter again with PEFT.");
        if (!magnitude.shape.SequenceEqual([projection.OutFeatures]))
            throw new InvalidDataException($"{path}: {MagnitudeName} of {projection.Name} has shape [{string.Join(", ", magnitude.shape)}]; this base needs [{projection.OutFeatures}], so use the base that belongs to it.");
        return new DoraAdapter(update(tensors.Where(t => t.Key != name).ToDictionary()), magnitude);
    }

    /// <summary>y + (g - 1) · x·Wᵀ + g · update with g = m / length: exactly y as long as nothing was trained.</summary>
    public Tensor Forward(Linear projection, Tensor x)
    {
        var y = projection.Project(x);
        var input = projection.Drop(x, _lora.Dropout);
        var factor = Factor(projection.Weight); // [out], float32
        var plain = !ReferenceEquals(input, x) ? nn.functional.linear(input, projection.Weight) : projection.Bias is { } bias ? y - bias : y;
        return y.Plus(plain.mul(factor.sub(One).to(x.dtype))).PlusInPlace(_lora.Update(x, input).mul(factor.to(x.dtype)));
    }

    public Tensor Merge(Tensor weight) => _lora.Merge(weight).mul(Factor(weight).unsqueeze(1));

    public IAdapter Frozen() => new DoraAdapter((LoraAdapter)_lora.Frozen(), _magnitude.detach().clone());

    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        _lora.Restore(saved);
        _magnitude.copy_(saved[MagnitudeName]);
    }

    public void Dispose()
    {
        _lora.Dispose();
        _magnitude.Dispose();
    }

    private Tensor Factor(Tensor weight) => _magnitude.div(LengthsNow(weight));

    private Tensor LengthsNow(Tensor weight)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Lengths(_lora.Merge(weight)).MoveToOuterDisposeScope();
    }

    // [out, in] -> [out], float32.
    private static Tensor Lengths(Tensor weight) => weight.to(float32).norm(1);
}
