using System.Text.Json.Nodes;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;

namespace MLNet.Dpo.Conformance;

/// <summary>A golden run's data and options in the product's terms.</summary>
internal sealed class TrajectorySettings
{
    internal required PreferenceExample[] TrainRows { get; init; }

    internal required PreferenceExample[] EvalRows { get; init; }

    internal required TrainingOptions Options { get; init; }

    internal required int MicroBatchesPerStep { get; init; }

    /// <summary>Rows of which TRL makes one batch mean.</summary>
    internal required int EvalBatchSize { get; init; }

    /// <summary>What the run needs that the product does not have; null when it can be run.</summary>
    internal static string? WhyNotSupported(JsonNode golden)
    {
        var args = golden["args"]!.AsObject();
        if (golden["trainer"].Text() == "DPOTrainer" && DpoOptions(args) is null) return $"loss_type {args["loss_type"]!.ToJsonString()}";
        if (args["f_divergence_type"] is { } divergence && divergence.Text() != "reverse_kl") return divergence.Text();
        if (args["use_weighting"]?.GetValue<bool>() == true) return "use_weighting";
        if (args["sync_ref_model"]?.GetValue<bool>() == true) return "sync_ref_model";
        if (args["assistant_only_loss"]?.GetValue<bool>() == true) return "assistant_only_loss";
        return null;
    }

    internal static TrajectorySettings Read(string folder, JsonNode golden)
    {
        var root = Path.Combine(folder, "..");
        var args = golden["args"]!;
        var dpo = golden["trainer"]!.GetValue<string>() == "DPOTrainer";
        TrainingOptions options = dpo ? DpoOptions(args)! : new SftTrainer.Options();
        var accumulation = args["gradient_accumulation_steps"]!.GetValue<int>();
        options.BaseModel = Path.Combine(root, golden["model"]!.GetValue<string>());
        options.Lora = golden["peft"] is null ? null : new LoraOptions { InitialAdapter = Path.Combine(folder, "adapter_init") };
        options.LearningRate = args["learning_rate"]!.GetValue<double>();
        options.Epochs = args["num_train_epochs"]!.GetValue<int>();
        options.MaxSteps = golden["optimizer_steps"]!.GetValue<int>();
        options.BatchSize = args["per_device_train_batch_size"]!.GetValue<int>() * accumulation;
        options.Scheduler = Enum.Parse<LearningRateScheduler>(args["lr_scheduler_type"]!.GetValue<string>(), ignoreCase: true);
        options.WarmupSteps = args["warmup_steps"]!.GetValue<int>();
        options.WeightDecay = args["weight_decay"]!.GetValue<double>();
        options.MaxGradNorm = args["max_grad_norm"]!.GetValue<double>();
        options.MaxLength = args["max_length"]!.GetValue<int>();
        options.EvalSteps = args["eval_steps"]!.GetValue<int>();
        options.Shuffle = false;
        options.Device = "cpu";
        options.Validate();
        var tokens = GoldenJson.Read(root, dpo ? "tokens-dpo.json" : "tokens-sft-completion.json");
        return new TrajectorySettings
        {
            Options = options,
            MicroBatchesPerStep = accumulation,
            EvalBatchSize = args["per_device_eval_batch_size"]!.GetValue<int>(),
            TrainRows = Rows(tokens["train"]!, dpo, options.MaxLength),
            EvalRows = Rows(tokens["eval"]!, dpo, options.MaxLength),
        };
    }

    /// <summary>The reference's log-probabilities of all rows; null for SFT.</summary>
    internal ReferenceLogps? Reference(TrainingRun run)
    {
        if (Options is not DpoTrainer.Options) return null;
        var reference = new ReferenceLogps();
        reference.Add(run.Model, [.. TrainRows, .. EvalRows], Options.MaxTokensPerMicroBatch, _ => { }, default);
        return reference;
    }

    /// <summary>What the run minimises.</summary>
    internal ITrainingObjective Objective(TrainingRun run, ReferenceLogps? reference) => Options is DpoTrainer.Options options
        ? new DpoObjective(run.Model, options.ToSettings(), reference!)
        : new SftObjective(run.Model, Options.MaxTokensPerMicroBatch);

    // null: a loss or a combination that the product does not have.
    private static DpoTrainer.Options? DpoOptions(JsonNode args)
    {
        var types = GoldenLosses.Types(args["loss_type"]);
        double[] weights = args["loss_weights"] is JsonArray given ? [.. given.Select(weight => weight!.GetValue<double>())] : [.. types.Select(_ => 1.0)];
        if (types is not ([_] or [_, "sft"]) || weights[0] != 1 || GoldenLosses.Options(types[0], args) is not { } options) return null;
        options.LmLossScale = types.Length == 2 ? weights[1] : 0;
        options.LdAlpha = args["ld_alpha"]?.GetValue<double>();
        return options;
    }

    private static PreferenceExample[] Rows(JsonNode rows, bool dpo, int maxLength) =>
        [.. rows.AsArray().Select((row, i) => dpo ? Pair(row!, i, maxLength) : Completion(row!, i))];

    private static PreferenceExample Pair(JsonNode row, int index, int maxLength)
    {
        var group = new TokenizedGroup(Ids(row["prompt_ids"]!), [Ids(row["chosen_ids"]!), Ids(row["rejected_ids"]!)]).Truncate(maxLength)
            ?? throw new InvalidDataException($"row {index} has no room for a response");
        return new PreferenceExample(index, group.PromptTokens, group.ResponseTokens, [1, 0]);
    }

    private static PreferenceExample Completion(JsonNode row, int index)
    {
        var (ids, labels) = (Ids(row["input_ids"]!), Ids(row["labels"]!));
        var prompt = Array.FindIndex(labels, label => label >= 0);
        return new PreferenceExample(index, ids[..prompt], [ids[prompt..]], [1]);
    }

    private static int[] Ids(JsonNode node) => [.. node.AsArray().Select(id => id!.GetValue<int>())];
}
