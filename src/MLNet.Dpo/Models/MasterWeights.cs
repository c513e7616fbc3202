using MLNet.Dpo.Arithmetic;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// Trained weights of a model that computes in a narrower type than the optimizer works in: the optimizer's steps are smaller than the narrow type tells apart, so it changes weights in float32, the masters,
/// and the model runs on rounded copies of them (mixed precision, arXiv 1710.03740).
/// </summary>
internal sealed class MasterWeights : IDisposable
{
    private readonly List<(Tensor Master, Tensor Copy)> _weights = [];

    /// <summary>Takes a master in; it stays the caller's.</summary>
    /// <returns>The copy that the model computes with.</returns>
    internal Tensor Add(Tensor master, ScalarType dtype)
    {
        var copy = master.to(dtype).DetachFromDisposeScope();
        _weights.Add((master, copy));
        return copy;
    }

    /// <summary>Begins or ends the recording of gradients, which is the copies' affair.</summary>
    internal void RecordGradients(bool record)
    {
        foreach (var (master, copy) in _weights)
        {
            copy.grad = null;
            master.grad = null;
            copy.requires_grad_(record);
        }
    }

    /// <summary>Adds the copies' gradients to the masters', in float32, and drops them; after every backward pass, so that sums over micro-batches are not rounded.</summary>
    internal void CollectGradients()
    {
        using var noGrad = no_grad();
        foreach (var (master, copy) in _weights)
        {
            using var scope = NewDisposeScope();
            if (copy.grad is not { } gradient) continue;
            if (master.grad is { } sum) sum.PlusInPlace(gradient);
            else master.grad = gradient.to(master.dtype);
            copy.grad = null;
        }
    }

    /// <summary>Makes the copies what the masters are now; after every change of these.</summary>
    internal void Refresh()
    {
        using var noGrad = no_grad();
        foreach (var (master, copy) in _weights) copy.copy_(master);
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _weights) copy.Dispose();
    }
}
