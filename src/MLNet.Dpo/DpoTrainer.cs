using Microsoft.ML.Runtime;

namespace MLNet.Dpo;

/// <summary>
/// Direct Preference Optimization (arXiv 2305.18290): tunes a chat model on pairs of a better and a worse response. Reads the columns that
/// <see cref="PreferenceTokenizingTransformer"/> makes.
/// </summary>
public sealed class DpoTrainer : CausalLMTrainer
{
    internal DpoTrainer(IHostEnvironment env, Options options) : base(env, nameof(DpoTrainer), options)
    {
    }

    /// <summary>Settings of <see cref="DpoTrainer"/>.</summary>
    public sealed class Options : TrainingOptions
    {
        /// <summary>The loss's temperature β, above 0: how strongly the policy is held to the reference. Usually 0.1 to 0.5. Default 0.1.</summary>
        public double Beta { get; set; } = 0.1;

        /// <summary>
        /// Weight of the language-model loss of the chosen responses, added to the preference loss (RPO, arXiv 2404.19733; TRL's loss_type
        /// ["sigmoid", "sft"] with loss_weights [1, this]); 0 or more, usually up to 1. It keeps the chosen responses probable. Default 0.
        /// </summary>
        public double LmLossScale { get; set; }

        /// <summary>
        /// How much the tokens beyond the shorter response's length count, 0 to 1 (LD-DPO, arXiv 2409.06411; TRL's ld_alpha): at 1 all of it, at 0
        /// only as many tokens of each response are compared as the shorter one has, so that what is learned is not merely "be longer" or "be
        /// shorter". Null, the default, is 1.
        /// </summary>
        public double? LdAlpha { get; set; }

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            OptionCheck.Positive(Beta, nameof(Beta));
            OptionCheck.NotNegative(LmLossScale, nameof(LmLossScale));
            if (LdAlpha is { } ldAlpha) OptionCheck.Between(ldAlpha, 0, 1, nameof(LdAlpha));
        }
    }

    private Options DpoSettings => (Options)Settings;

    private protected override double Beta => DpoSettings.Beta;

    private protected override bool NeedsPairs => true;

    private protected override ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report)
    {
        var reference = new ReferenceLogps();
        var rows = train.Concat(validation).ToList();
        var cache = DpoSettings.OutputDirectory is { } folder
            ? new ReferenceCache(folder, ReferenceFingerprint.Of(run.Model, rows, DpoSettings.MaxTokensPerMicroBatch), report.Note)
            : null;
        reference.Add(run.Model, rows, DpoSettings.MaxTokensPerMicroBatch, done => report.Reference(done, rows.Count), DpoSettings.CancellationToken, cache);
        return new DpoObjective(run.Model, DpoSettings, reference);
    }
}
