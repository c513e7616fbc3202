using Microsoft.ML.Runtime;

namespace MLNet.Dpo;

/// <summary>
/// Direct Preference Optimization (arXiv 2305.18290): tunes a chat model on pairs of a better and a worse response. Reads the columns that
/// <see cref="PreferenceTokenizingTransformer"/> makes.
/// </summary>
public sealed class DpoTrainer : CausalLMTrainer
{
    private readonly Options _options;

    internal DpoTrainer(IHostEnvironment env, Options options) : base(env, nameof(DpoTrainer), options) => _options = options;

    /// <summary>Settings of <see cref="DpoTrainer"/>.</summary>
    public sealed class Options : TrainingOptions
    {
        /// <summary>The loss's temperature β, above 0: how strongly the policy is held to the reference. Usually 0.1 to 0.5. Default 0.1.</summary>
        public double Beta { get; set; } = 0.1;

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            OptionCheck.Positive(Beta, nameof(Beta));
        }
    }

    private protected override double Beta => _options.Beta;

    private protected override bool NeedsPairs => true;

    private protected override ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report)
    {
        var reference = new ReferenceLogps();
        var rows = train.Concat(validation).ToList();
        reference.Add(run.Model, rows, _options.MaxTokensPerMicroBatch, done => report.Reference(done, rows.Count), _options.CancellationToken);
        return new DpoObjective(run.Model, new SigmoidLoss(_options.Beta), _options.Beta, reference, _options.MaxTokensPerMicroBatch);
    }
}
