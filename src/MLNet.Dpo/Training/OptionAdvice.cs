using System.Globalization;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Training.Objectives;

namespace MLNet.Dpo.Training;

/// <summary>What a run is, beside its options, for <see cref="OptionAdvice"/>.</summary>
/// <param name="Plan">Its steps.</param>
/// <param name="Pairs">Pairs to train on.</param>
/// <param name="Parameters">Weights of the base model.</param>
internal sealed record RunSize(StepPlan Plan, long Pairs, long Parameters);

/// <summary>
/// Says of options that are allowed, but outside what is usual for DPO, what is usual and why. Supervised fine-tuning has no such ranges, but for the adapter's. The ranges are those of the two guides that the defaults follow;
/// where these differ (LoRA's rate), all that one of them allows passes. Options that nobody set are never named.
/// </summary>
internal static class OptionAdvice
{
    // The guides write of billions of weights. Smaller models take, and need, higher rates: docs/experiments.md.
    private const long SmallModel = 100_000_000;
    private const double SmallModelFactor = 10;

    // A quarter of the least that is advised. With the defaults 575 pairs of one style were enough (docs/experiments.md).
    private const int FewestPairs = 500;

    /// <summary>One line for each option; empty where all is as usual.</summary>
    internal static IReadOnlyList<string> Of(TrainingOptions options, RunSize run)
    {
        string?[] said = options.PreferenceSettings is { } dpo ? [RateOf(options, run), PassesOf(run), BetaOf(dpo), LmLossOf(dpo), AlphaOf(options), WarmupOf(options, run), DataOf(run)] : [AlphaOf(options)];
        return [.. said.OfType<string>()];
    }

    private static string? RateOf(TrainingOptions options, RunSize run)
    {
        if (options.LearningRate is not { } rate) return null;
        var (low, high, usual) = LearningRates.MethodOf(options.Lora) switch
        {
            TrainingMethod.Lora => (5e-6, 2e-4, "for LoRA one guide advises 1e-4 to 2e-4, another 5e-6 to 1e-5"),
            TrainingMethod.RsLora => (1e-6, 5e-6, "for rsLoRA 1e-6 to 5e-6 is advised"),
            _ => (5e-7, 3e-6, "to train all weights 5e-7 to 3e-6 is advised"),
        };
        if (rate < low) return Text($"LearningRate is {rate}; {usual}: at less the model hardly changes, or stays where it is.");
        var small = run.Parameters < SmallModel;
        if (rate <= high * (small ? SmallModelFactor : 1)) return null;
        return Text($"LearningRate is {rate}; {usual}{(small ? $", and a model of {run.Parameters / 1e6:0.#} million weights bears up to ten times that" : "")}: at more the training may not come to rest, or spoil what the model could do.");
    }

    private static string? PassesOf(RunSize run)
    {
        var passes = run.Plan.Total / (double)run.Plan.PerEpoch;
        return passes <= 3 ? null : Text($"The run passes over the data {passes:0.#} times (Epochs or MaxSteps); 1 to 3 is usual: with more the model learns the rows by heart. A validation set shows it, and LoadBestModelAtEnd keeps the model from before.");
    }

    private static string? BetaOf(DpoSettings dpo) => dpo.Loss.Beta switch
    {
        _ when dpo.LossType.Has(LossNeeds.NoReference) => null, // its beta is another
        < 0.1 => Text($"Beta is {dpo.Loss.Beta}; 0.1 to 0.5 is usual: at less hardly anything holds the model to what it was."),
        > 0.5 => Text($"Beta is {dpo.Loss.Beta}; 0.1 to 0.5 is usual: at more the model stays so near to what it was that little is learned."),
        _ => null,
    };

    private static string? LmLossOf(DpoSettings dpo) => dpo.LmLossScale <= 1 ? null
        : Text($"LmLossScale is {dpo.LmLossScale}; 0 to 1 is usual: at more the training is supervised fine-tuning on the chosen responses rather than preference learning.");

    private static string? WarmupOf(TrainingOptions options, RunSize run) =>
        run.Plan.WarmupSteps(options) is var steps && (steps == 0 || steps < run.Plan.Total) ? null
        : Text($"The warm-up takes {steps} steps ({(options.WarmupRatio > 0 ? "WarmupRatio" : "WarmupSteps")}) and the run {run.Plan.Total}: LearningRate is never reached; 0 to a tenth of the steps is usual.");

    private static string? DataOf(RunSize run) => run.Pairs >= FewestPairs ? null
        : Text($"There are {run.Pairs} pairs to train on; 2,000 to 3,000 are advised for one style, 5,000 to 10,000 for clear standards, more for unclear ones: of so few, little is learned that holds for other prompts.");

    private static string? AlphaOf(TrainingOptions options) =>
        options.Lora is not { UseRsLora: true, Alpha: { } alpha } lora || alpha <= Math.Sqrt(lora.Rank) ? null
        : Text($"Lora.Alpha is {alpha} with UseRsLora and Rank {lora.Rank}; it should be at most the root of the rank, {Math.Sqrt(lora.Rank):0.#} (6 at rank 64, 4 at rank 32): above it the update is scaled up, and the training becomes unsteady.");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
