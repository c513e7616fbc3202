using MLNet.Dpo.Losses;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training.Reference;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>
/// Direct preference optimization: a preference loss over the summed log-probabilities of all pairs of a step and, where asked for, the
/// language-model loss of the chosen responses (TRL's <c>sft</c> beside the preference loss).
/// </summary>
internal sealed class DpoObjective(CausalLM model, DpoTrainer.Options options, ReferenceLogps reference) : ITrainingObjective
{
    private readonly IPreferenceLoss _loss = options.CreateLoss();
    private readonly TokenWeights _weights = new(options.LdAlpha);

    public string Description => options.Describe();

    public Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: true);

    public Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: false);

    // Every pair is a prompt with its chosen and a prompt with its rejected response.
    public long CountTokens(PreferenceExample row) =>
        row.Pairs.Sum(pair => (2L * row.Prompt.Length) + row.Responses[pair.Chosen].Length + row.Responses[pair.Rejected].Length);

    private Dictionary<string, double> Run(IReadOnlyList<PreferenceExample> rows, bool withGradient)
    {
        var means = new MetricMeans();
        var pairs = rows.Sum(row => row.Pairs.Count);
        var chosenTokens = rows.Sum(row => row.Pairs.Sum(pair => row.ScoredLengths[pair.Chosen]));
        foreach (var micro in MicroBatches.Split(rows, options.MaxTokensPerMicroBatch))
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var scored = ScoredBatch.Run(model, batch, withGradient);
            var microPairs = MicroBatchPairs.From(micro, scored.TokenLogps, reference, _weights);
            var losses = Losses(microPairs, batch, withGradient ? 1.0 / pairs : 0, out var coefficients);
            CheckFinite(microPairs, losses);
            if (withGradient) scored.Backward(WithLmLoss(coefficients, microPairs, batch, chosenTokens));
            AddMetrics(means, microPairs, losses, batch, scored.Tokens);
        }
        var metrics = means.ToDictionary();
        metrics["loss"] = metrics["dpo_loss"] + (options.LmLossScale * metrics["lm_loss"]);
        return metrics;
    }

    // The mean of -log p over the chosen tokens of all pairs has the derivative -1/count for each of them.
    private float[] WithLmLoss(float[] coefficients, MicroBatchPairs pairs, PackedBatch batch, int chosenTokens)
    {
        if (options.LmLossScale == 0) return coefficients;
        for (var i = 0; i < coefficients.Length; i++)
            coefficients[i] -= (float)(options.LmLossScale * pairs.TimesChosen[batch.ResponseOfTarget[i]] / chosenTokens);
        return coefficients;
    }

    // The loss of each pair and, weighted, the derivative of their sum with respect to each target's log-probability.
    private double[] Losses(MicroBatchPairs pairs, PackedBatch batch, double weight, out float[] coefficients)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(pairs.PolicyChosen, requires_grad: weight > 0);
        var rejected = tensor(pairs.PolicyRejected, requires_grad: weight > 0);
        var losses = _loss.Losses(new PairLogps(
            chosen, rejected, tensor(pairs.ReferenceChosen), tensor(pairs.ReferenceRejected), tensor(pairs.ChosenLengths), tensor(pairs.RejectedLengths)));
        coefficients = new float[batch.ResponseOfTarget.Count];
        if (weight > 0)
        {
            (losses.sum() * weight).backward();
            Spread(chosen.grad!, pairs.Chosen, pairs.Rejected, batch, coefficients);
            Spread(rejected.grad!, pairs.Rejected, pairs.Chosen, batch, coefficients);
        }
        return losses.detach().data<double>().ToArray();
    }

    private void Spread(Tensor gradient, int[] responses, int[] others, PackedBatch batch, float[] coefficients)
    {
        var derivatives = gradient.data<double>().ToArray();
        for (var i = 0; i < derivatives.Length; i++)
        {
            var otherLength = batch.TargetsOfResponse[others[i]].GetOffsetAndLength(coefficients.Length).Length;
            _weights.Spread(derivatives[i], coefficients.AsSpan(batch.TargetsOfResponse[responses[i]]), otherLength);
        }
    }

    private static void CheckFinite(MicroBatchPairs pairs, double[] losses)
    {
        var bad = Array.FindIndex(losses, value => !double.IsFinite(value));
        if (bad < 0) return;
        throw new NonFiniteLossException(pairs.Rows[bad],
            $"Row {pairs.Rows[bad]}: the loss is {losses[bad]} (log-probabilities {pairs.PolicyChosen[bad]:g6} and {pairs.PolicyRejected[bad]:g6}); training stopped. Lower LearningRate or Beta, or look at the row.");
    }

    private void AddMetrics(MetricMeans means, MicroBatchPairs pairs, double[] losses, PackedBatch batch, TokenScores tokens)
    {
        for (var i = 0; i < losses.Length; i++)
        {
            var chosenReward = ImplicitReward.Of(pairs.PolicyChosen[i], pairs.ReferenceChosen[i], options.Beta);
            var rejectedReward = ImplicitReward.Of(pairs.PolicyRejected[i], pairs.ReferenceRejected[i], options.Beta);
            means.Add("loss", losses[i]);
            means.Add("dpo_loss", losses[i]);
            means.Add("rewards/chosen", chosenReward);
            means.Add("rewards/rejected", rejectedReward);
            means.Add("rewards/accuracies", chosenReward > rejectedReward ? 1 : 0);
            means.Add("rewards/margins", chosenReward - rejectedReward);
            means.Add("logps/chosen", pairs.PolicyChosen[i]);
            means.Add("logps/rejected", pairs.PolicyRejected[i]);
        }
        AddTokenMetrics(means, pairs, batch, tokens);
    }

    // As in TRL: entropy over all completion tokens, accuracy over those of chosen responses.
    private static void AddTokenMetrics(MetricMeans means, MicroBatchPairs pairs, PackedBatch batch, TokenScores tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var response = batch.ResponseOfTarget[i];
            var (asChosen, asRejected) = (pairs.TimesChosen[response], pairs.TimesRejected[response]);
            if (asChosen + asRejected > 0) means.Add("entropy", tokens.Entropies[i], asChosen + asRejected);
            if (asChosen > 0) means.Add("logits/chosen", tokens.MeanLogits[i], asChosen);
            if (asRejected > 0) means.Add("logits/rejected", tokens.MeanLogits[i], asRejected);
            if (asChosen > 0) means.Add("mean_token_accuracy", tokens.IsTop1[i], asChosen);
            if (asChosen > 0) means.Add("lm_loss", -tokens.Logps[i], asChosen);
        }
    }
}
