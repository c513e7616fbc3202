using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Models;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;

namespace MLNet.Dpo;

/// <summary>The settings that every trainer has. Names follow transformers' <c>TrainingArguments</c>, PEFT and ML.NET.</summary>
public abstract partial class TrainingOptions
{
    /// <summary>In <see cref="Device"/>: the first CUDA device where there is one, else the CPU.</summary>
    public const string AutoDevice = DeviceChoice.Auto;

    /// <summary>The Hugging Face model folder to start from (config.json, model.safetensors), or a GGUF file. Required.</summary>
    public string BaseModel { get; set; } = "";

    /// <summary>
    /// A folder with tokenizer.json, or the file itself, for rows that do not say what tokenised them (read from a file, say) where the tokenizer is not in
    /// <see cref="BaseModel"/>. Default null.
    /// </summary>
    public string? Tokenizer { get; set; }

    /// <summary>The LoRA adapter to train; null trains all weights. Default: rank 64, alpha 64 on all linear layers.</summary>
    public LoraOptions? Lora { get; set; } = new();

    /// <summary>
    /// The highest learning rate, above 0. Null, the default, is that of the method: LoRA 1.5e-4; of <see cref="DpoTrainer"/> rsLoRA 5e-6 and all weights 1e-6, of <see cref="SftTrainer"/> rsLoRA as LoRA and
    /// all weights 2e-5. Usual for DPO are 1e-4 to 2e-4 (LoRA), 1e-6 to 5e-6 (rsLoRA), 5e-7 to 3e-6 (all weights); outside them the log says so.
    /// </summary>
    public double? LearningRate { get; set; }

    /// <summary>Passes over the data; 1 or more. Usually 1 to 3. Default 3.</summary>
    public int Epochs { get; set; } = 3;

    /// <summary>Optimizer steps of the run, over as many passes as that takes; it overrides <see cref="Epochs"/>, as in transformers. 0, the default, leaves the number to <see cref="Epochs"/>.</summary>
    public int MaxSteps { get; set; }

    /// <summary>Rows (prompts with their responses) in one optimizer step; 1 or more. Default 8.</summary>
    public int BatchSize { get; set; } = 8;

    /// <summary>The most tokens that run at a time; a step's rows are split to fit. Sets memory, not the result. 1 or more. Default 2048.</summary>
    public int MaxTokensPerMicroBatch { get; set; } = 2048;

    /// <summary>The most tokens of prompt and response together; more are cut as <see cref="TruncationMode"/> says. 2 or more. Default 1024.</summary>
    public int MaxLength { get; set; } = 1024;

    /// <summary>Which end is kept where prompt and response have more tokens than <see cref="MaxLength"/>. Default <see cref="TruncationMode.KeepStart"/>, as TRL's.</summary>
    public TruncationMode TruncationMode { get; set; }

    /// <summary>How the learning rate falls after the warm-up. Default linear.</summary>
    public LearningRateScheduler Scheduler { get; set; } = LearningRateScheduler.Linear;

    /// <summary>Optimizer steps over which the learning rate rises from 0; 0 or more. Give this or <see cref="WarmupRatio"/>. Default 0.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>The warm-up as a share of all steps, 0 to 1, rounded up. Give this or <see cref="WarmupSteps"/>. Default 0.</summary>
    public double WarmupRatio { get; set; }

    /// <summary>The total gradient norm above which gradients are scaled down; 0 for no limit. Default 1.</summary>
    public double MaxGradNorm { get; set; } = 1;

    /// <summary>AdamW's decoupled weight decay, 0 or more; norms and biases do not decay. Default 0.</summary>
    public double WeightDecay { get; set; }

    /// <summary>AdamW's decay of the first moment, 0 to below 1. Default 0.9.</summary>
    public double AdamBeta1 { get; set; } = 0.9;

    /// <summary>AdamW's decay of the second moment, 0 to below 1. Default 0.999.</summary>
    public double AdamBeta2 { get; set; } = 0.999;

    /// <summary>AdamW's epsilon, above 0. Default 1e-8.</summary>
    public double AdamEpsilon { get; set; } = 1e-8;

    /// <summary>Seeds the adapter's initial weights and the order of the rows. Default 42.</summary>
    public int Seed { get; set; } = 42;

    /// <summary>Whether every epoch has its own random order of rows. Default true.</summary>
    public bool Shuffle { get; set; } = true;

    /// <summary><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>. Default <see cref="AutoDevice"/>.</summary>
    public string Device { get; set; } = AutoDevice;

    /// <summary>
    /// What the model computes in; see <see cref="MLNet.Dpo.Precision"/> for what stays float32. A run that is resumed goes on in the precision that it began with. The tuned model computes, and is saved to
    /// compute, in the same. Where all weights are trained (<see cref="Lora"/> null), bfloat16 takes two bytes a weight more than float32: the float32 weights that the optimizer changes and rounded copies that the model runs on. Default <see cref="Precision.Auto"/>.
    /// </summary>
    public Precision Precision { get; set; }

    /// <summary>
    /// Whether each layer is computed a second time on the way back instead of keeping what it made: much less memory, about a third more time, and the same bits. Default false.
    /// </summary>
    public bool GradientCheckpointing { get; set; }

    /// <summary>
    /// CPU threads for tensor operations while training, up to 1024; 0 for the environment's OMP_NUM_THREADS or, without it, 1 for models of fewer than 10 million parameters and all
    /// cores for larger ones. The trained model's own runs have <see cref="CausalLMTransformer.NumThreads"/>, which starts with this. Default 0.
    /// </summary>
    public int NumThreads { get; set; }

    /// <summary>
    /// Where metrics.jsonl, report.html (for people, at the end), run.json (what the report says beside the metrics), checkpoints and DPO's reference log-probabilities are written; a later run on the same base, adapter and data, resumed or with
    /// another loss, beta or learning rate, reads the last of these instead of computing them. A run has its folder for itself: while it runs, a second one is refused, and so is a run into a folder that holds another run's checkpoints.
    /// Null writes nothing. Default null.
    /// </summary>
    public string? OutputDirectory { get; set; }

    /// <summary>
    /// Data to evaluate on while training: text columns, which are tokenised as the training rows were, or token columns. Instead of it, it can be Fit's second argument. Default null.
    /// </summary>
    public IDataView? ValidationSet { get; set; }

    /// <summary>Optimizer steps between evaluations on the validation set, which must then be given; 0 for one at the end of every epoch, where there is a validation set. Default 0.</summary>
    public int EvalSteps { get; set; }

    /// <summary>The most rows that are evaluated at a time, beside <see cref="MaxTokensPerMicroBatch"/>; 0 for no limit. Sets memory, not the result: metrics are means over the whole validation set. Default 0.</summary>
    public int EvalBatchSize { get; set; }

    /// <summary>
    /// Prompts, each one user turn of plain text, that the model is asked before the first and after the last step, greedily and up to 128 tokens; what it says stands in the report. Default none.
    /// </summary>
    public IReadOnlyList<string> SamplePrompts { get; set; } = [];

    /// <summary>
    /// A folder that TensorBoard's event files are written into, one for each run: every metric of every step under <c>train/</c>, of every evaluation under <c>eval/</c>. Null for none. Default null.
    /// </summary>
    public string? TensorBoardDirectory { get; set; }

    /// <summary>Receives every step's metrics. Default null.</summary>
    public IProgress<TrainingProgress>? Progress { get; set; }

    /// <summary>Stops the training between two steps, with an <see cref="OperationCanceledException"/>; with <see cref="OutputDirectory"/> the steps taken are kept as a checkpoint, which the message names.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Checks all settings, before anything is loaded.</summary>
    /// <exception cref="ArgumentException">A setting is missing, out of range, or contradicts another.</exception>
    public virtual void Validate()
    {
        if (string.IsNullOrWhiteSpace(BaseModel))
            throw new ArgumentException("BaseModel is empty; give a Hugging Face model folder (config.json, model.safetensors, tokenizer.json).");
        Lora?.Validate();
        if (LearningRate is { } rate) OptionCheck.Positive(rate, nameof(LearningRate));
        OptionCheck.AtLeast(Epochs, 1, nameof(Epochs));
        OptionCheck.AtLeast(MaxSteps, 0, nameof(MaxSteps));
        OptionCheck.AtLeast(BatchSize, 1, nameof(BatchSize));
        OptionCheck.AtLeast(MaxTokensPerMicroBatch, 1, nameof(MaxTokensPerMicroBatch));
        OptionCheck.AtLeast(MaxLength, 2, nameof(MaxLength));
        OptionCheck.Defined(TruncationMode, nameof(TruncationMode));
        OptionCheck.Defined(Scheduler, nameof(Scheduler));
        OptionCheck.AtLeast(WarmupSteps, 0, nameof(WarmupSteps));
        OptionCheck.Between(WarmupRatio, 0, 1, nameof(WarmupRatio));
        if (WarmupSteps > 0 && WarmupRatio > 0) throw new ArgumentException($"WarmupSteps is {WarmupSteps} and WarmupRatio is {WarmupRatio}; give only one of them.");
        OptionCheck.NotNegative(MaxGradNorm, nameof(MaxGradNorm));
        ValidateAdamW();
        OptionCheck.Within(NumThreads, 0, CpuThreads.Most, nameof(NumThreads));
        OptionCheck.AtLeast(EvalSteps, 0, nameof(EvalSteps));
        OptionCheck.AtLeast(EvalBatchSize, 0, nameof(EvalBatchSize));
        ValidateSaving();
        ValidateStopping();
        ValidateReporting();
        ValidateResuming();
        OptionCheck.Defined(Precision, nameof(Precision));
        DeviceChoice.Check(Device);
    }

    private void ValidateAdamW()
    {
        OptionCheck.NotNegative(WeightDecay, nameof(WeightDecay));
        OptionCheck.BelowOne(AdamBeta1, nameof(AdamBeta1));
        OptionCheck.BelowOne(AdamBeta2, nameof(AdamBeta2));
        OptionCheck.Positive(AdamEpsilon, nameof(AdamEpsilon));
        var rate = (LearningRate ?? LearningRates.Lora) * (Lora?.LoraPlusLrRatio ?? 1); // the highest of the defaults, of the matrices with the highest
        if (rate * WeightDecay > 1)
            throw new ArgumentException(FormattableString.Invariant($"LearningRate is {rate} and WeightDecay is {WeightDecay}; a step takes their product of every weight, which may be at most 1, so lower one of them."));
        if (rate / (1 - AdamBeta1) > float.MaxValue)
            throw new ArgumentException(FormattableString.Invariant($"LearningRate is {rate} and AdamBeta1 is {AdamBeta1}; the first step is LearningRate / (1 - AdamBeta1), which a float32 does not hold, so lower one of them."));
    }

    private void ValidateReporting()
    {
        if (SamplePrompts is null) throw new ArgumentException("SamplePrompts is null; give prompts, or an empty list for none.");
        if (SamplePrompts.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("SamplePrompts has an empty prompt; give each some text.");
        if (SamplePrompts.Count > 0 && OutputDirectory is null) throw new ArgumentException("SamplePrompts is given but OutputDirectory is null; give a folder for the report that shows the samples.");
        if (TensorBoardDirectory is not null && string.IsNullOrWhiteSpace(TensorBoardDirectory)) throw new ArgumentException("TensorBoardDirectory is blank; give a folder, or null for no event files.");
    }

    /// <summary><see cref="LearningRate"/>, or the method's.</summary>
    internal double RateUsed => LearningRate ?? LearningRates.Of(LearningRates.MethodOf(Lora), PreferenceSettings is not null);

    /// <summary><see cref="EvalBatchSize"/> as a number of rows.</summary>
    internal int MaxEvalRows => EvalBatchSize > 0 ? EvalBatchSize : int.MaxValue;

    /// <summary>A folder of several runs, for the reference log-probabilities that they share by their fingerprint; null where <see cref="OutputDirectory"/> keeps them.</summary>
    internal string? SharedReferences { get; set; }

    /// <summary>What a training on preferences minimises; null for one on plain responses.</summary>
    internal virtual DpoSettings? PreferenceSettings => null;

    /// <summary>The folder of a reference model of one's own; null where the reference is the policy before training.</summary>
    internal virtual string? ReferenceFolder => null;

    /// <summary>Every option that decides the result, by name; what is read from the folders that options name is hashed elsewhere.</summary>
    internal virtual IEnumerable<KeyValuePair<string, object?>> Identity()
    {
        yield return new("Trainer", GetType().DeclaringType?.Name);
        foreach (var option in Lora?.Identity() ?? [new("Lora", "null, all weights")]) yield return option;
        yield return new(nameof(LearningRate), RateUsed);
        yield return MaxSteps > 0 ? new(nameof(MaxSteps), MaxSteps) : new(nameof(Epochs), Epochs);
        yield return new(nameof(BatchSize), BatchSize);
        yield return new(nameof(MaxLength), MaxLength);
        yield return new(nameof(TruncationMode), TruncationMode);
        yield return new(nameof(Scheduler), Scheduler);
        yield return new(nameof(WarmupSteps), WarmupSteps);
        yield return new(nameof(WarmupRatio), WarmupRatio);
        yield return new(nameof(MaxGradNorm), MaxGradNorm);
        yield return new(nameof(WeightDecay), WeightDecay);
        yield return new(nameof(AdamBeta1), AdamBeta1);
        yield return new(nameof(AdamBeta2), AdamBeta2);
        yield return new(nameof(AdamEpsilon), AdamEpsilon);
        yield return new(nameof(Seed), Seed);
        yield return new(nameof(Shuffle), Shuffle);
        yield return new(nameof(Precision), Precision);
        foreach (var option in StoppingIdentity()) yield return option;
    }

    /// <summary>A copy that later changes by the caller do not reach.</summary>
    internal TrainingOptions Copy()
    {
        var copy = (TrainingOptions)MemberwiseClone();
        copy.Lora = Lora?.Copy();
        copy.SamplePrompts = [.. SamplePrompts];
        return copy;
    }
}
