using static TorchSharp.torch;

namespace MLNet.Dpo;

/// <summary>
/// The language-model head, run in chunks so that at most <see cref="ChunkRows"/> rows of logits exist at a time. In the same pass it gives
/// the gradient of every token's log-probability with respect to its hidden state, W[target] - softmax·W: a loss's coefficients scale those
/// rows afterwards, so logits are neither stored for autograd nor computed twice.
/// </summary>
/// <param name="weight">[vocabulary, hidden].</param>
internal sealed class LanguageModelHead(Tensor weight)
{
    /// <summary>Rows of logits that are in memory at a time.</summary>
    internal const int ChunkRows = 128;

    /// <summary>[vocabulary, hidden].</summary>
    internal Tensor Weight { get; } = weight;

    /// <summary>[rows, hidden] -> [rows, vocabulary].</summary>
    internal Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, Weight);

    /// <summary>Scores each row's target token.</summary>
    /// <param name="hidden">[rows, hidden], outside autograd.</param>
    /// <param name="targets">[rows], int64: the token that follows each row.</param>
    /// <param name="withGradient">Whether to compute <see cref="TokenScores.HiddenGradient"/>.</param>
    internal TokenScores Score(Tensor hidden, Tensor targets, bool withGradient)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var scores = new TokenScores((int)hidden.size(0));
        if (withGradient) scores.HiddenGradient = empty_like(hidden);
        for (var start = 0; start < scores.Count; start += ChunkRows)
        {
            using var chunkScope = NewDisposeScope();
            var rows = Math.Min(ChunkRows, scores.Count - start);
            ScoreChunk(hidden.narrow(0, start, rows), targets.narrow(0, start, rows), start, scores);
        }
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
        if (Weight.grad is null) Weight.grad = zeros_like(Weight);
        var gradient = Weight.grad!;
        var weighted = hidden * coefficients.unsqueeze(1); // [rows, hidden]
        gradient.index_add_(0, targets, weighted, 1);
        for (long start = 0, count = hidden.size(0); start < count; start += ChunkRows)
        {
            using var chunkScope = NewDisposeScope();
            var rows = Math.Min(ChunkRows, count - start);
            var probabilities = Logits(hidden.narrow(0, start, rows)).softmax(-1);
            gradient.addmm_(probabilities.t(), weighted.narrow(0, start, rows), 1, -1);
        }
    }

    private void ScoreChunk(Tensor hidden, Tensor targets, int start, TokenScores scores)
    {
        var shifted = Logits(hidden); // [rows, vocabulary]; the greatest of each row is taken off below, so that exp cannot overflow
        scores.Put(scores.MeanLogits, start, shifted.mean([-1]));
        scores.Put(scores.IsTop1, start, shifted.argmax(-1).eq(targets).to(float32));
        shifted.sub_(shifted.amax([-1], keepdim: true));
        var probabilities = shifted.exp(); // [rows, vocabulary]
        var total = probabilities.sum(-1, keepdim: true);
        var logTotal = total.log().view(-1);
        scores.Put(scores.Logps, start, shifted.gather(1, targets.unsqueeze(1)).view(-1) - logTotal);
        probabilities.div_(total);
        // log Σ - Σ p · shifted: the row-wise dot product without a third [rows, vocabulary] tensor.
        scores.Put(scores.Entropies, start, logTotal - probabilities.unsqueeze(1).bmm(shifted.unsqueeze(2)).view(-1));
        if (scores.HiddenGradient is not { } gradient) return;
        var rows = gradient.narrow(0, start, hidden.size(0));
        rows.copy_(Weight.index_select(0, targets)).addmm_(probabilities, Weight, 1, -1);
    }
}
