using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>A packed batch after a forward pass: the log-probability of every response's tokens, and the way back for a loss's gradient.</summary>
internal sealed class ScoredBatch
{
    private readonly CausalLM _model;
    private readonly PackedBatch _batch;
    private readonly Tensor _hidden; // [targets, hidden], in autograd when a gradient is wanted and the layers are not run again for it
    private readonly RecomputedPass? _recomputed;

    private ScoredBatch(CausalLM model, PackedBatch batch, Tensor hidden, RecomputedPass? recomputed, TokenScores tokens)
    {
        _model = model;
        _batch = batch;
        _hidden = hidden;
        _recomputed = recomputed;
        Tokens = tokens;
        TokenLogps = ByResponse(batch, tokens.Logps);
    }

    /// <summary>What the head said about each target.</summary>
    internal TokenScores Tokens { get; }

    /// <summary>The log-probabilities of each response's tokens.</summary>
    internal float[][] TokenLogps { get; }

    /// <summary>The log-probabilities of each response's tokens under the model as it is set now, and nothing else.</summary>
    internal static float[][] Logps(CausalLM model, PackedBatch batch)
    {
        using var mode = no_grad();
        using var scope = NewDisposeScope();
        return ByResponse(batch, model.Head.Logps(Hidden(model, batch), batch.Targets));
    }

    /// <summary>Runs the model as it is set now. Tensors belong to the caller's dispose scope.</summary>
    internal static ScoredBatch Run(CausalLM model, PackedBatch batch, bool withGradient)
    {
        using var mode = withGradient ? null : no_grad();
        var recomputed = withGradient && model.RecomputesLayers ? model.ForwardToRecompute(batch.Tokens, batch.Positions, batch.Pattern) : null;
        using var scope = NewDisposeScope();
        var hidden = recomputed?.Hidden(batch.ScoredRows) ?? Hidden(model, batch);
        var tokens = model.Head.Score(hidden.detach(), batch.Targets, withGradient);
        tokens.HiddenGradient?.MoveToOuterDisposeScope();
        return new ScoredBatch(model, batch, hidden.MoveToOuterDisposeScope(), recomputed, tokens);
    }

    /// <summary>Back-propagates a loss whose derivative with respect to each target's log-probability is given.</summary>
    internal void Backward(float[] tokenCoefficients)
    {
        using var scope = NewDisposeScope();
        var coefficients = tensor(tokenCoefficients, device: _hidden.device);
        var gradient = Tokens.HiddenGradient! * coefficients.unsqueeze(1);
        if (_recomputed is not null) _recomputed.Backward(_batch.ScoredRows, gradient);
        else if (_hidden.requires_grad) autograd.backward([_hidden], [gradient]);
        if (_model.Head.IsTrained) _model.Head.AccumulateGradient(_hidden.detach(), _batch.Targets, coefficients);
        _model.Masters?.CollectGradients();
    }

    private static Tensor Hidden(CausalLM model, PackedBatch batch) =>
        model.Forward(batch.Tokens, batch.Positions, batch.Pattern).index_select(0, batch.ScoredRows);

    private static float[][] ByResponse(PackedBatch batch, float[] logps) => [.. batch.TargetsOfResponse.Select(targets => logps[targets])];
}
