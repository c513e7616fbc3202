using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// Sums of two tensors that hold their factor. TorchSharp's <c>x + y</c>, <c>add</c> and <c>add_</c> make a Scalar of 1 that nothing refers to while libtorch reads it; the garbage collector may free it
/// under the call, which then ends with "Unknown scalar type" or, worse, adds something else. (<c>square</c> does the same with its 2.)
/// </summary>
internal static class TensorSum
{
    private static readonly Scalar One = 1;

    /// <summary>x + y, a new tensor.</summary>
    internal static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>Adds y into x.</summary>
    /// <returns>x.</returns>
    internal static Tensor PlusInPlace(this Tensor x, Tensor y) => x.add_(y, One);
}
