using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// A forward pass of which only the input of each layer is kept; on the way back each layer runs again, right before its own backward pass (gradient checkpointing, arXiv 1604.06174). The operations, their inputs and so the bits are
/// those of a pass that keeps everything.
/// </summary>
internal sealed class RecomputedPass
{
    private readonly ModelParts _parts;
    private readonly Func<ForwardPass> _begin;
    private readonly Tensor _tokens, _positions;
    private readonly Stack<Tensor> _inputs = new(); // each [tokens, hidden]: of every layer, and of the last norm

    /// <summary>Runs the model.</summary>
    /// <param name="parts">The model.</param>
    /// <param name="begin">Makes what the layers share; once now, once on the way back.</param>
    /// <param name="tokens">[tokens], int64; must live until <see cref="Backward"/>, as the positions must.</param>
    /// <param name="positions">[tokens], float32.</param>
    internal RecomputedPass(ModelParts parts, Func<ForwardPass> begin, Tensor tokens, Tensor positions)
    {
        (_parts, _begin, _tokens, _positions) = (parts, begin, tokens, positions);
        using var noGrad = no_grad();
        using var pass = begin();
        _inputs.Push(parts.Embedding.Forward(tokens, positions));
        foreach (var layer in parts.Layers) _inputs.Push(layer.Forward(_inputs.Peek(), pass));
    }

    /// <summary>The hidden states of some rows after the last norm, [rows, hidden].</summary>
    /// <param name="rows">[rows], int64.</param>
    internal Tensor Hidden(Tensor rows)
    {
        using var noGrad = no_grad();
        return _parts.Norm.Forward(_inputs.Peek()).index_select(0, rows);
    }

    /// <summary>Back-propagates the gradient of <see cref="Hidden"/>, [rows, hidden], to what is trained; once.</summary>
    internal void Backward(Tensor rows, Tensor gradient)
    {
        using var pass = _begin();
        var passed = Through(x => _parts.Norm.Forward(x).index_select(0, rows), gradient, needsInput: true);
        var embedded = _parts.Embedding.Forward(_tokens, _positions); // again, for what of it is trained
        for (var layer = _parts.Layers.Count - 1; layer >= 0; layer--)
        {
            var module = _parts.Layers[layer];
            passed = Through(x => module.Forward(x, pass), passed!, needsInput: layer > 0 || embedded.requires_grad);
        }
        if (embedded.requires_grad) autograd.backward([embedded], [passed!]);
    }

    // Runs the part whose input was kept last, and gives the gradient of that input. All else that the part made is freed here.
    private Tensor? Through(Func<Tensor, Tensor> part, Tensor gradient, bool needsInput)
    {
        using var scope = NewDisposeScope();
        using var kept = _inputs.Pop();
        var input = kept.detach().requires_grad_(needsInput);
        var output = part(input);
        if (output.requires_grad) autograd.backward([output], [gradient]);
        gradient.Dispose();
        return input.grad?.MoveToOuterDisposeScope();
    }
}
