using MLNet.Dpo.Losses;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>
/// The metrics of a step or an evaluation under TRL's names: the losses as they are minimised, everything else about preferences as means over all pairs, and about
/// tokens as means over tokens.
/// </summary>
internal sealed class DpoMetrics(DpoSettings settings)
{
    private readonly MetricMeans _means = new();

    internal void AddLosses(PairLosses losses)
    {
        for (var i = 0; i < losses.Values.Length; i++)
            _means.Add("dpo_loss", losses.Values[i], losses.Weights[i]);
    }

    internal void AddPairs(RowPairs pairs)
    {
        for (var i = 0; i < pairs.Count; i++)
        {
            var chosenReward = Reward(pairs.PolicyChosen[i], pairs.ReferenceChosen[i], pairs.ChosenLengths[i]);
            var rejectedReward = Reward(pairs.PolicyRejected[i], pairs.ReferenceRejected[i], pairs.RejectedLengths[i]);
            _means.Add("rewards/chosen", chosenReward);
            _means.Add("rewards/rejected", rejectedReward);
            _means.Add("rewards/accuracies", chosenReward > rejectedReward ? 1 : 0);
            _means.Add("rewards/margins", chosenReward - rejectedReward);
            AddLengths(chosenReward, rejectedReward, pairs.ChosenLengths[i], pairs.RejectedLengths[i]);
            _means.Add("logps/chosen", pairs.PolicyChosen[i]);
            _means.Add("logps/rejected", pairs.PolicyRejected[i]);
        }
    }

    // What shows whether a margin comes from what is said or from how long it is.
    private void AddLengths(double chosenReward, double rejectedReward, double chosen, double rejected)
    {
        _means.Add("rewards/margins_per_token", (chosenReward / Math.Max(1, chosen)) - (rejectedReward / Math.Max(1, rejected)));
        _means.Add("lengths/chosen", chosen);
        _means.Add("lengths/rejected", rejected);
        _means.Add("lengths/chosen_longer", chosen > rejected ? 1 : 0);
        if (chosen > rejected) _means.Add("rewards/accuracies_longer", chosenReward > rejectedReward ? 1 : 0);
        if (chosen < rejected) _means.Add("rewards/accuracies_shorter", chosenReward > rejectedReward ? 1 : 0);
    }

    // A reward without a reference is a mean over tokens, as TRL's CPOTrainer has SimPO's; with one it is a sum, whatever the loss.
    private double Reward(double policy, double reference, double tokens) =>
        ImplicitReward.Of(policy, reference, settings.Loss.Beta) / (settings.LossType.Has(LossNeeds.NoReference) ? tokens : 1);

    /// <summary>As in TRL: entropy over all completion tokens, accuracy over those of chosen responses; a response counts once a pair.</summary>
    internal void AddTokens(RowPairs pairs, PackedBatch batch, TokenScores tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (batch.LmWeightOfTarget[i] is var weight && weight > 0) _means.AddParts("lm_loss", -tokens.Logps[i] * weight, 1);
            var response = batch.OwnerOfTarget[i];
            if (response == PackedBatch.NoResponse) continue;
            var (asChosen, asRejected) = (pairs.TimesChosen[response], pairs.TimesRejected[response]);
            if (asChosen + asRejected > 0) _means.Add("entropy", tokens.Entropies[i], asChosen + asRejected);
            if (asRejected > 0) _means.Add("logits/rejected", tokens.MeanLogits[i], asRejected);
            if (asChosen == 0) continue;
            _means.Add("logits/chosen", tokens.MeanLogits[i], asChosen);
            _means.Add("mean_token_accuracy", tokens.IsTop1[i], asChosen);
        }
    }

    internal Dictionary<string, double> ToDictionary()
    {
        var means = _means.ToDictionary();
        var metrics = new Dictionary<string, double> { ["loss"] = (settings.DpoLossScale * means.GetValueOrDefault("dpo_loss")) + (settings.LmLossScale * means.GetValueOrDefault("lm_loss")) };
        foreach (var (name, value) in means) metrics[name] = value;
        return metrics;
    }
}
