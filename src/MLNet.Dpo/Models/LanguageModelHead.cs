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
        var logps = Logits(hidden); // [rows, vocabulary]
        var normalizer = logps.logsumexp(-1, keepdim: true);
        var target = targets.unsqueeze(1);
        scores.Put(scores.MeanLogits, start, logps.mean([-1]));
        logps.sub_(normalizer);
        var logp = logps.gather(1, target).squeeze(1);
        scores.Put(scores.Logps, start, logp);
        scores.Put(scores.IsTop1, start, logps.argmax(-1).eq(targets).to(float32));

        var probabilities = logps.exp(); // [rows, vocabulary]
        // The row-wise dot product of p and log p, without a third [rows, vocabulary] tensor.
        scores.Put(scores.Entropies, start, probabilities.unsqueeze(1).bmm(logps.unsqueeze(2)).view(-1).neg());
        if (scores.HiddenGradient is not { } gradient) return;
        var rows = gradient.narrow(0, start, hidden.size(0));
        rows.copy_(Weight.index_select(0, targets)).addmm_(probabilities, Weight, 1, -1);
    }
}
