using Microsoft.ML.Runtime;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;

namespace MLNet.Dpo;

/// <summary>
/// Supervised fine-tuning: teaches a chat model to give the responses of the data, by the mean negative log-probability of their tokens
/// (prompts are not trained). Reads the columns that <see cref="PreferenceTokenizingTransformer"/> makes; every response of a row is an
/// example, or, where they are scored, every one with the row's highest score: of a pair the chosen one.
/// </summary>
public sealed class SftTrainer : CausalLMTrainer
{
    internal SftTrainer(IHostEnvironment env, Options options) : base(env, nameof(SftTrainer), options)
    {
    }

    /// <summary>Settings of <see cref="SftTrainer"/>.</summary>
    public sealed class Options : TrainingOptions;

    private protected override double Beta => 1;

    private protected override bool NeedsPairs => false;

    private protected override ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report) =>
        new SftObjective(run.Model, Settings.MaxTokensPerMicroBatch, Settings.MaxEvalRows);
}
