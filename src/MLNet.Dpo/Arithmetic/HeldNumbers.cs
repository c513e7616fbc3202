using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Arithmetic;

/// <summary>
/// Numbers in tensor arithmetic. Where TorchSharp is given a number, and where it adds (times 1), it makes a <see cref="Scalar"/> and hands its memory to libtorch without holding
/// it: the collector may free it under the call, which then reads another number or none. Here numbers are held: for good, or as tensors, which the dispose scope holds.
/// </summary>
internal static class HeldNumbers
{
    private static readonly Scalar One = 1, Two = 2;

    /// <summary>left + right.</summary>
    internal static Tensor Plus(this Tensor left, Tensor right) => left.add(right, One);

    /// <summary>left + right.</summary>
    internal static Tensor Plus(this Tensor left, Scalar right) => left.add(right, One);

    /// <summary>left + right, written to left.</summary>
    internal static Tensor PlusInPlace(this Tensor left, Tensor right) => left.add_(right, One);

    /// <summary>left + right, written to left.</summary>
    internal static Tensor PlusInPlace(this Tensor left, Scalar right) => left.add_(right, One);

    /// <summary>value².</summary>
    internal static Tensor Squared(this Tensor value) => value.pow(Two);

    /// <summary>A number for use beside tensors of any floating-point type, which keep theirs. It belongs to the dispose scope.</summary>
    internal static Tensor Number(double value) => tensor(value);
}
