using MLNet.Dpo.Losses;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training.Reference;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>
/// Direct preference optimization: a preference loss over the summed log-probabilities of all pairs of a step and, where asked for, a
/// language-model loss: of the chosen responses (TRL's <c>sft</c> beside the preference loss), or of what the rows weigh themselves. Rows without pairs have the latter alone.
/// </summary>
/// <remarks>
/// A loss that is a sum over pairs goes forward and backward micro-batch by micro-batch, in one pass. One that looks at the whole step is computed from a first
/// pass without gradients over all micro-batches; the second pass then carries its gradient back.
/// </remarks>
internal sealed class DpoObjective(CausalLM model, DpoSettings settings, ReferenceLogps? reference) : ITrainingObjective
{
    private readonly TokenWeights _weights = new(settings.LdAlpha);

    public Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows)
    {
        using var states = NewDisposeScope(); // a first pass's random states, whatever stops the step
        var metrics = new DpoMetrics(settings);
        var step = StepTotals.Of(rows, settings.PairWeighting);
        var micros = MicroBatches.Split(rows, settings.MaxTokens).ToList();
        var first = micros.Count > 1 && settings.LossType.Has(LossNeeds.WholeStep) ? ScoreFirst(micros, step) : null;
        if (first is not null) metrics.AddLosses(first.Losses);
        var balance = RouterBalance.Measure(model, micros);
        var responses = 0;
        foreach (var (number, micro) in micros.Index())
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            using var routers = balance?.AddGradient(model, batch);
            first?.Replay(number);
            model.BeginMicroBatch(number);
            var scored = ScoredBatch.Run(model, batch, withGradient: true);
            var pairs = RowPairs.From(micro, scored.TokenLogps, reference, _weights);
            var losses = first?.Losses ?? Losses(pairs, micro, step, withGradient: true);
            scored.Backward(Coefficients(losses.TokenGradients!.AsSpan(first is null ? 0 : responses, batch.ResponseCount), batch, step));
            if (first is null) metrics.AddLosses(losses);
            metrics.AddPairs(pairs);
            metrics.AddTokens(pairs, batch, scored.Tokens);
            responses += batch.ResponseCount;
        }
        return RouterMetrics.Add(balance, metrics.ToDictionary());
    }

    public Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows)
    {
        var metrics = new DpoMetrics(settings);
        var logps = new List<float[]>();
        foreach (var micro in MicroBatches.Split(rows, settings.MaxTokens, settings.MaxEvalRows))
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var scored = ScoredBatch.Run(model, batch, withGradient: false);
            metrics.AddTokens(RowPairs.From(micro, scored.TokenLogps, reference, _weights), batch, scored.Tokens);
            logps.AddRange(scored.TokenLogps);
        }
        var pairs = RowPairs.From(rows, logps, reference, _weights);
        metrics.AddLosses(Losses(pairs, rows, StepTotals.Of(rows, settings.PairWeighting), withGradient: false));
        metrics.AddPairs(pairs);
        return RouterMetrics.Add(RouterBalance.Measure(model, MicroBatches.Split(rows, settings.MaxTokens, settings.MaxEvalRows)), metrics.ToDictionary());
    }

    // Every pair is a prompt with its chosen and a prompt with its rejected response; a row without pairs is its sequences.
    public long CountTokens(PreferenceExample row)
    {
        var sequences = row.Pairs.Count == 0 ? Enumerable.Range(0, row.Responses.Length) : row.Pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected });
        return sequences.Sum(response => (long)row.PromptLength(response) + row.Responses[response].Length);
    }

    private FirstPass ScoreFirst(IReadOnlyList<IReadOnlyList<PreferenceExample>> micros, StepTotals step)
    {
        var randomStates = new List<Tensor>();
        var logps = new List<float[]>();
        foreach (var (number, micro) in micros.Index())
        {
            model.BeginMicroBatch(number);
            randomStates.Add(random.get_rng_state());
            using var batch = new PackedBatch(micro, model);
            logps.AddRange(ScoredBatch.Logps(model, batch));
        }
        PreferenceExample[] rows = [.. micros.SelectMany(micro => micro)];
        return new FirstPass(Losses(RowPairs.From(rows, logps, reference, _weights), rows, step, withGradient: true), randomStates);
    }

    private PairLosses Losses(RowPairs pairs, IReadOnlyList<PreferenceExample> rows, StepTotals step, bool withGradient) =>
        PairLosses.Of(pairs, [.. rows.SelectMany(row => row.Pairs.Select(_ => step.WeightOfPair(row)))], settings, _weights, withGradient);

    // The derivative of the step's loss with respect to each target's log-probability. The language-model loss, a sum of -weight log p over a count of tokens, adds -weight/count.
    private float[] Coefficients(ReadOnlySpan<float[]> preferenceGradients, PackedBatch batch, StepTotals step)
    {
        var coefficients = new float[batch.OwnerOfTarget.Count];
        for (var response = 0; response < preferenceGradients.Length; response++)
            preferenceGradients[response].CopyTo(coefficients.AsSpan(batch.TargetsOfResponse[response]));
        if (settings.LmLossScale == 0 || step.LmTokens == 0) return coefficients;
        for (var i = 0; i < coefficients.Length; i++)
            coefficients[i] -= (float)(settings.LmLossScale * batch.LmWeightOfTarget[i] / step.LmTokens);
        return coefficients;
    }

    /// <summary>What a pass without gradients found, and the random numbers it drew, so that a second pass drops out the same.</summary>
    private sealed record FirstPass(PairLosses Losses, IReadOnlyList<Tensor> RandomStates)
    {
        internal void Replay(int micro) => random.set_rng_state(RandomStates[micro]);
    }
}
