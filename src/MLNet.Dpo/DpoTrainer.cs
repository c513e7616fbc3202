using Microsoft.ML.Runtime;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Losses;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;

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
        /// <summary>The preference loss (TRL's loss_type). Metrics do not depend on it, but for the losses themselves. Default <see cref="DpoLossType.Sigmoid"/>.</summary>
        public DpoLossType LossType { get; set; } = DpoLossType.Sigmoid;

        /// <summary>
        /// The loss's temperature β, above 0: how strongly the policy is held to the reference. Usually 0.1 to 0.5. Default 0.5, with which more of what the model could do is kept (docs/experiments.md);
        /// TRL's is 0.1.
        /// </summary>
        public double Beta { get; set; } = 0.5;

        /// <summary>
        /// The share ε of pairs whose labels are taken to be swapped, 0 to below 0.5; for <see cref="DpoLossType.Robust"/>, <see cref="DpoLossType.Aot"/>,
        /// <see cref="DpoLossType.AotUnpaired"/>, <see cref="DpoLossType.Simpo"/> and, there above 0, <see cref="DpoLossType.ExoPair"/> only. Default 0.
        /// </summary>
        public double LabelSmoothing { get; set; }

        /// <summary>
        /// How sharply <see cref="DpoLossType.Discopop"/> goes over from one loss to the other, above 0 and up to 1, beyond which the loss would grow
        /// exponentially; for that loss only. Null, the default, is 0.05.
        /// </summary>
        public double? DiscopopTau { get; set; }

        /// <summary>
        /// The lead, in reward, that <see cref="DpoLossType.Simpo"/> aims at (TRL's simpo_gamma), 0 or more; for that loss only. Null, the default, is 0.5.
        /// </summary>
        public double? SimpoGamma { get; set; }

        /// <summary>Weight of the preference loss (the first of TRL's loss_weights); 0 or more. Default 1, which is usually left.</summary>
        public double DpoLossScale { get; set; } = 1;

        /// <summary>
        /// Weight of the language-model loss, added to the preference loss (RPO, arXiv 2404.19733; TRL's loss_type [<see cref="LossType"/>, "sft"] with loss_weights
        /// [<see cref="DpoLossScale"/>, this]); 0 or more, usually up to 1. It keeps the chosen responses probable. The loss is the sum of weight · -log p over the tokens
        /// whose weight is above 0, divided by their number in the step: tokens of a pair's chosen response (a group's best, which equally good ones share) weigh 1, unless
        /// the row has masks and weights of its own (columns <see cref="ColumnNames.LmLossMasks"/> and <see cref="ColumnNames.LossWeights"/>). Above 0, rows without pairs
        /// are trained on too, by this loss alone. Default 0.
        /// </summary>
        public double LmLossScale { get; set; }

        /// <summary>
        /// How much the tokens beyond the shorter response's length count, 0 to 1 (LD-DPO, arXiv 2409.06411; TRL's ld_alpha): at 1 all of it, at 0
        /// only as many tokens of each response are compared as the shorter one has, so that what is learned is not merely "be longer" or "be
        /// shorter". Null, the default, is 1.
        /// </summary>
        public double? LdAlpha { get; set; }

        /// <summary>What weighs the same where rows have several pairs: every pair, or every row. Metrics but for the losses are means over pairs either way. Default <see cref="PairWeighting.Pairs"/>.</summary>
        public PairWeighting PairWeighting { get; set; }

        /// <summary>
        /// A Hugging Face model folder to be the reference (TRL's ref_model), of the same tokenizer as <see cref="TrainingOptions.BaseModel"/>; it may be another architecture. It is in memory until
        /// its log-probabilities are known, and again when the tuned model is asked for rewards. Null, the default: the policy before training, that is the base, or the base with
        /// <see cref="LoraOptions.InitialAdapter"/>.
        /// </summary>
        public string? ReferenceModel { get; set; }

        internal override string? ReferenceFolder => ReferenceModel;

        internal override DpoSettings? PreferenceSettings => ToSettings();

        /// <inheritdoc/>
        public override void Validate()
        {
            base.Validate();
            OptionCheck.Positive(Beta, nameof(Beta));
            OptionCheck.NotNegative(DpoLossScale, nameof(DpoLossScale));
            OptionCheck.NotNegative(LmLossScale, nameof(LmLossScale));
            if (DpoLossScale == 0 && LmLossScale == 0) throw new ArgumentException("DpoLossScale and LmLossScale are both 0, so nothing is learned; leave DpoLossScale 1, or set LmLossScale.");
            if (LdAlpha is { } ldAlpha) OptionCheck.Between(ldAlpha, 0, 1, nameof(LdAlpha));
            ValidateLoss();
            if (ReferenceModel is null) return;
            if (string.IsNullOrWhiteSpace(ReferenceModel)) throw new ArgumentException("ReferenceModel is empty; give a Hugging Face model folder, or null for the policy before training.");
            if (LossType.Has(LossNeeds.NoReference)) throw new ArgumentException($"ReferenceModel is '{ReferenceModel}', but LossType {LossType} has no reference; leave it null, or use another loss.");
        }

        internal override IEnumerable<KeyValuePair<string, object?>> Identity() =>
        [
            .. base.Identity(),
            new(nameof(LossType), LossType),
            new(nameof(Beta), Beta),
            new(nameof(LabelSmoothing), LabelSmoothing),
            new(nameof(DiscopopTau), DiscopopTau ?? LossSettings.DefaultDiscopopTau),
            new(nameof(SimpoGamma), SimpoGamma ?? LossSettings.DefaultSimpoGamma),
            new(nameof(DpoLossScale), DpoLossScale),
            new(nameof(LmLossScale), LmLossScale),
            new(nameof(LdAlpha), LdAlpha ?? 1),
            new(nameof(PairWeighting), PairWeighting),
        ];

        /// <summary>What these options ask the training to minimise.</summary>
        internal DpoSettings ToSettings() => new(
            LossType, new LossSettings(Beta, LabelSmoothing, DiscopopTau ?? LossSettings.DefaultDiscopopTau, SimpoGamma ?? LossSettings.DefaultSimpoGamma), DpoLossScale, LmLossScale, LdAlpha, PairWeighting, MaxTokensPerMicroBatch, MaxEvalRows);

        private void ValidateLoss()
        {
            if (LossType is null) throw new ArgumentException($"LossType is null; allowed: {string.Join(", ", DpoLossType.All)}.");
            if (!(LabelSmoothing >= 0 && LabelSmoothing < 0.5)) throw Wrong($"LabelSmoothing is {LabelSmoothing}; allowed: 0 to below 0.5.");
            if (LabelSmoothing > 0 && !LossType.Has(LossNeeds.LabelSmoothing))
                throw Wrong($"LabelSmoothing is {LabelSmoothing}, but LossType {LossType} does not read it; leave it 0, or use {Readers(LossNeeds.LabelSmoothing)}.");
            if (LabelSmoothing == 0 && LossType.Has(LossNeeds.LabelSmoothingAboveZero)) throw Wrong($"LabelSmoothing is {LabelSmoothing}, but LossType {LossType} needs it above 0; give 0.001, say.");
            OptionCheck.Defined(PairWeighting, nameof(PairWeighting));
            if (PairWeighting != PairWeighting.Pairs && LossType.Has(LossNeeds.WholeStep))
                throw Wrong($"PairWeighting is {PairWeighting}, but LossType {LossType} sorts all pairs of a step, which must weigh the same; leave it {PairWeighting.Pairs}.");
            if (DiscopopTau is { } tau)
            {
                RequireReader(LossNeeds.DiscopopTau, nameof(DiscopopTau), tau);
                OptionCheck.Positive(tau, nameof(DiscopopTau));
                if (tau > 1) throw Wrong($"DiscopopTau is {tau}; allowed: above 0, at most 1.");
            }
            if (SimpoGamma is not { } gamma) return;
            RequireReader(LossNeeds.SimpoGamma, nameof(SimpoGamma), gamma);
            OptionCheck.NotNegative(gamma, nameof(SimpoGamma));
        }

        private void RequireReader(LossNeeds need, string name, double value)
        {
            if (!LossType.Has(need)) throw Wrong($"{name} is {value}, but LossType {LossType} does not read it; leave it null, or use {Readers(need)}.");
        }

        private static string Readers(LossNeeds need) => string.Join(" or ", DpoLossType.All.Where(type => type.Has(need)));

        private static ArgumentException Wrong(FormattableString message) => new(FormattableString.Invariant(message));
    }

    private Options DpoOptions => (Options)Settings;

    private protected override double Beta => DpoOptions.Beta;

    private protected override bool NeedsPairs => true;

    private protected override bool LearnsText => DpoOptions.LmLossScale > 0;

    private protected override ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report)
    {
        var settings = DpoOptions.ToSettings();
        return new DpoObjective(run.Model, settings, settings.LossType.Has(LossNeeds.NoReference) ? null : Reference(run, [.. train.Concat(validation).Where(row => row.Pairs.Count > 0)], report));
    }

    private ReferenceLogps Reference(TrainingRun run, IReadOnlyList<PreferenceExample> rows, TrainingReport report)
    {
        var reference = new ReferenceLogps();
        var model = run.Reference ?? run.Model;
        // The weights are hashed only where the log-probabilities are kept.
        var cache = (DpoOptions.SharedReferences ?? DpoOptions.OutputDirectory) is { } folder
            ? Cache(folder, ReferenceFingerprint.Of(model, run.Reference is null ? run.BaseFingerprint : run.SeparateReference!.Fingerprint, rows, DpoOptions.MaxTokensPerMicroBatch), report)
            : null;
        reference.Add(model, rows, DpoOptions.MaxTokensPerMicroBatch, done => report.Reference(done, rows.Count), DpoOptions.CancellationToken, cache);
        run.ReleaseReference();
        return reference;
    }

    private ReferenceCache Cache(string folder, string fingerprint, TrainingReport report) =>
        new(DpoOptions.SharedReferences is null ? folder : Path.Combine(folder, fingerprint[..16]), fingerprint, report.Note);
}
