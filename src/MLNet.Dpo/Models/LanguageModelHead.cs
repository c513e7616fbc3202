using MLNet.Dpo.Arithmetic;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>
/// The language-model head, run in chunks so that at most <see cref="ChunkRows"/> rows of logits exist at a time. In the same pass it gives
/// the gradient of every token's log-probability with respect to its hidden state, W[target] - softmax·W: a loss's coefficients scale those
/// rows afterwards, so logits are neither stored for autograd nor computed twice.
/// </summary>
/// <param name="projection">hidden -> vocabulary.</param>
/// <param name="scale">The factor on the products (Cohere, Granite).</param>
/// <param name="softCap">Bounds the logits z to cap · tanh(z / cap) (Gemma 2, arXiv 2408.00118); null: unbounded.</param>
internal sealed class LanguageModelHead(Linear projection, double scale = 1, double? softCap = null)
{
    /// <summary>Rows of logits that are in memory at a time.</summary>
    internal const int ChunkRows = 128;

    // A Scalar must live as long as TorchSharp's call with it, which does not hold it.
    private static readonly Scalar One = 1, MinusOne = -1;
    private readonly Scalar? _scale = scale == 1 ? null : scale, _cap = softCap, _perCap = softCap is { } cap ? 1 / cap : null;

    /// <summary>The projection itself; an adapter may sit in it.</summary>
    internal Linear Projection { get; } = projection;

    /// <summary>Its weight where that is the embedding's; null where it has its own.</summary>
    internal Weight? Tied => Projection.Slot is { TiedTo: not null } slot ? slot : null;

    /// <summary>[vocabulary, hidden], with the adapter in it; then a new tensor, which belongs to the dispose scope.</summary>
    internal Tensor Weight => Projection.ActiveAdapter is { } adapter ? adapter.Merge(Projection.Weight).to(Projection.Weight.dtype) : Projection.Weight;

    /// <summary>Whether anything in it is trained.</summary>
    internal bool IsTrained => Projection.Leaf.requires_grad || Projection.ActiveAdapter is { } adapter && adapter.Parameters.Any(p => p.Value.requires_grad);

    /// <summary>[rows, hidden] -> [rows, vocabulary], float32 whatever the weight's type.</summary>
    internal Tensor Logits(Tensor hidden) => Scaled(Projection.Forward(hidden));

    private Tensor Logits(Tensor hidden, Tensor weight) => Scaled(nn.functional.linear(hidden, weight));

    private Tensor Scaled(Tensor products)
    {
        var logits = products.to(float32);
        if (_scale is not null) logits = logits.mul(_scale);
        return _cap is null ? logits : logits.mul(_perCap!).tanh().mul(_cap);
    }

    /// <summary>The log-probability of each row's target token.</summary>
    /// <param name="hidden">[rows, hidden].</param>
    /// <param name="targets">[rows], int64: the token that follows each row.</param>
    internal float[] Logps(Tensor hidden, Tensor targets)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (scores, weight) = (new TokenScores((int)hidden.size(0)), Weight);
        EachChunk(hidden, targets, (rows, following, start) => scores.Put(scores.Logps, start, TargetLogps(Logits(rows, weight), following, out _, out _)));
        return scores.Logps;
    }

    /// <summary>The log-probability of each row's target token, what the metrics want to know, and the gradient where it is asked for.</summary>
    /// <param name="hidden">[rows, hidden], outside autograd.</param>
    /// <param name="targets">[rows], int64: the token that follows each row.</param>
    /// <param name="withGradient">Whether to compute <see cref="TokenScores.HiddenGradient"/>.</param>
    internal TokenScores Score(Tensor hidden, Tensor targets, bool withGradient)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (scores, weight) = (new TokenScores((int)hidden.size(0)), Weight);
        if (withGradient) scores.HiddenGradient = empty_like(hidden);
        EachChunk(hidden, targets, (rows, following, start) => ScoreChunk(rows, following, weight, start, scores));
        scores.HiddenGradient?.MoveToOuterDisposeScope();
        return scores;
    }

    /// <summary>
    /// Adds Σ coefficient · ∂logp/∂W over the rows to the head's gradient; only for a head that is trained. The logits are computed again.
    /// </summary>
    /// <param name="hidden">[rows, hidden], outside autograd.</param>
    /// <param name="targets">[rows], int64.</param>
    /// <param name="coefficients">[rows]: the loss's derivative with respect to each token's log-probability.</param>
    internal void AccumulateGradient(Tensor hidden, Tensor targets, Tensor coefficients)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (weight, leaf) = (Weight, Projection.Leaf);
        if (Projection.ActiveAdapter is null && leaf.dtype == weight.dtype)
        {
            if (leaf.grad is null) leaf.grad = zeros_like(leaf);
            AddGradient(leaf.grad!, weight, hidden, targets, coefficients);
            return;
        }
        var gradient = zeros_like(weight);
        AddGradient(gradient, weight, hidden, targets, coefficients);
        using var record = enable_grad();
        autograd.backward([Weight], [gradient]);
    }

    private void AddGradient(Tensor gradient, Tensor weight, Tensor hidden, Tensor targets, Tensor coefficients)
    {
        var weighted = (hidden * coefficients.unsqueeze(1)).to(weight.dtype); // [rows, hidden]
        if (_scale is not null) weighted = weighted.mul(_scale);
        if (Weight.dtype != float32 || _cap is not null)
        {
            // A narrow type is rounded once a chunk so, not once a token.
            EachChunk(hidden, weighted, (rows, weightedRows, start) => gradient.addmm_(LogitGradients(rows, targets.narrow(0, start, rows.size(0)), weight).to(weight.dtype).t(), weightedRows, 1, 1));
            return;
        }
        using Scalar once = 1;
        gradient.index_add_(0, targets, weighted, once);
        EachChunk(hidden, weighted, (rows, weightedRows, _) => gradient.addmm_(Logits(rows, weight).softmax(-1).t(), weightedRows, 1, -1));
    }

    // Hands over the rows of both tensors and the number of their first, a chunk at a time.
    private static void EachChunk(Tensor hidden, Tensor beside, Action<Tensor, Tensor, int> body)
    {
        for (var start = 0; start < hidden.size(0); start += ChunkRows)
        {
            using var scope = NewDisposeScope();
            var rows = Math.Min(ChunkRows, hidden.size(0) - start);
            body(hidden.narrow(0, start, rows), beside.narrow(0, start, rows), start);
        }
    }

    private void ScoreChunk(Tensor hidden, Tensor targets, Tensor weight, int start, TokenScores scores)
    {
        var logits = Logits(hidden, weight); // [rows, vocabulary]
        var slope = Slope(logits);
        scores.Put(scores.MeanLogits, start, logits.mean([-1]));
        scores.Put(scores.IsTop1, start, logits.argmax(-1).eq(targets).to(float32));
        scores.Put(scores.Logps, start, TargetLogps(logits, targets, out var probabilities, out var total));
        probabilities.div_(total);
        // log Σ - Σ p · (logit - greatest): the row-wise dot product without a third [rows, vocabulary] tensor.
        scores.Put(scores.Entropies, start, total.log().view(-1) - probabilities.unsqueeze(1).bmm(logits.unsqueeze(2)).view(-1));
        if (scores.HiddenGradient is { } gradient) PutGradient(gradient.narrow(0, start, hidden.size(0)), probabilities, targets, weight, slope);
    }

    // W[target] - softmax·W. In a narrow type the difference is taken before the product: a probability near 1 would be rounded to it.
    private void PutGradient(Tensor rows, Tensor probabilities, Tensor targets, Tensor weight, Tensor? slope)
    {
        if (weight.dtype == float32 && slope is null) rows.copy_(weight.index_select(0, targets)).addmm_(probabilities, weight, 1, -1);
        else rows.copy_(Differences(probabilities, targets, slope).to(weight.dtype).mm(weight));
        if (_scale is not null) rows.mul_(_scale);
    }

    // (one-hot - softmax) · slope, [rows, vocabulary], written to the probabilities.
    private static Tensor Differences(Tensor probabilities, Tensor targets, Tensor? slope)
    {
        var index = targets.unsqueeze(1); // [rows, 1]
        var differences = probabilities.neg_().scatter_add_(1, index, ones_like(index, float32));
        return slope is null ? differences : differences.mul_(slope);
    }

    // The derivative of each target's log-probability with respect to the logits before the cap, [rows, vocabulary].
    private Tensor LogitGradients(Tensor hidden, Tensor targets, Tensor weight)
    {
        var logits = Logits(hidden, weight);
        return Differences(logits.softmax(-1), targets, Slope(logits));
    }

    // The cap's derivative, 1 - tanh², from the capped logits, [rows, vocabulary]; null without a cap.
    private Tensor? Slope(Tensor logits) => _cap is null ? null : logits.mul(_perCap!).Squared().mul(MinusOne).Plus(One);

    /// <summary>
    /// The log-probability of each row's target. <paramref name="logits"/> become their differences from each row's greatest, so that their
    /// <paramref name="exponentials"/> [rows, vocabulary] cannot overflow; these sum up to <paramref name="total"/> [rows, 1].
    /// </summary>
    private static Tensor TargetLogps(Tensor logits, Tensor targets, out Tensor exponentials, out Tensor total)
    {
        logits.sub_(logits.amax([-1], keepdim: true));
        exponentials = logits.exp();
        total = exponentials.sum(-1, keepdim: true);
        return (logits.gather(1, targets.unsqueeze(1)) - total.log()).view(-1);
    }
}
