using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;

namespace MLNet.Dpo;

/// <summary>What the trainers of this library share: from tokenised rows to a <see cref="CausalLMTransformer"/>.</summary>
public abstract class CausalLMTrainer : IEstimator<CausalLMTransformer>
{
    private readonly IHost _host;

    private protected CausalLMTrainer(IHostEnvironment env, string name, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _host = env.Register(name);
        Settings = options.Copy();
    }

    /// <summary>What the last fit cut and dropped; null before the first.</summary>
    public TruncationSummary? LastTruncation { get; private set; }

    /// <summary>What the last fit's metrics show, and what to do about it; empty for a healthy run, null before the first. It is said in the log too.</summary>
    public IReadOnlyList<TrainingFinding>? LastFindings { get; private set; }

    /// <summary>The options as they were when the trainer was made.</summary>
    private protected TrainingOptions Settings { get; }

    private protected abstract double Beta { get; }

    private protected abstract bool NeedsPairs { get; }

    /// <summary>Whether rows without pairs are learned beside those with pairs.</summary>
    private protected virtual bool LearnsText => false;

    private protected abstract ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report);

    /// <summary>Trains on the data.</summary>
    /// <param name="input">Columns PromptTokens, ResponseTokens, ResponseLengths and, for pairs, Scores.</param>
    /// <exception cref="PreferenceDataException">No row can be trained on.</exception>
    /// <exception cref="NonFiniteLossException">A loss, a gradient or a trained weight became NaN or infinite.</exception>
    /// <exception cref="IOException">The options' OutputDirectory cannot be made or written, or another run is writing to it.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled, or the MLContext's execution; with an OutputDirectory the steps taken are kept, and the message says where.</exception>
    public CausalLMTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on the data and evaluates on other data while doing so.</summary>
    /// <param name="trainData">Columns as in <see cref="Fit(IDataView)"/>.</param>
    /// <param name="validationData">The same columns, or the text columns that these were made of; null for the options' <see cref="TrainingOptions.ValidationSet"/>, if there is one.</param>
    /// <exception cref="ArgumentException">The options ask for evaluations and there is nothing to evaluate on, or its tokens were made in another way than the training data's.</exception>
    /// <exception cref="PreferenceDataException">No row of the one or the other can be used.</exception>
    public CausalLMTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        validationData = TokenSource.Validation(trainData, validationData, Settings);
        using var channel = _host.Start("Training");
        var train = Read(channel, trainData, "");
        LastTruncation = train.Truncation;
        RequireRows(train, "train on");
        var validation = validationData is null ? ExampleSet.Empty : Read(channel, validationData, "validation: ");
        if (validationData is not null) RequireRows(validation, "validate on");
        // Before the model is loaded and the reference runs: what can fail late is found early.
        using var folder = RunFolder.Open(Settings.OutputDirectory);
        var checkpoints = Checkpoints.Open(Settings, Note);
        var tokenizer = TokenSource.Tokenizer(trainData, Settings);
        ReferenceCheck.SameTokens(Settings, tokenizer);
        var run = TrainingRun.Prepare(Settings, checkpoints.Precision);
        try
        {
            using var threads = CpuThreads.Use(checkpoints.NumThreads, run.Model);
            CheckVocabulary(run.Model.Config, Settings.BaseModel, train.Examples.Concat(validation.Examples));
            if (run.Reference is { } reference) CheckVocabulary(reference.Config, Settings.ReferenceFolder!, train.Examples.Concat(validation.Examples));
            WarnOfContext(channel, run.Model.Config, train.Examples.Concat(validation.Examples));
            checkpoints.Claim(run, train.Examples, validation.Examples);
            Advise(channel, run.Model, train.Examples);
            var report = new TrainingReport(Settings, Note, _host.CheckAlive);
            var objective = Prepare(run, train.Examples, validation.Examples, report);
            var model = new CausalLMTransformer(_host, new TunedModel(run.Model, run.Adapter, Path.GetFullPath(Settings.BaseModel), run.SeparateReference), tokenizer, Beta, Settings.MaxLength, Settings.TruncationMode) { NumThreads = Settings.NumThreads };
            var account = new RunAccount(Settings, PrecisionChoice.Of(run.Model.Dtype), train, validation, prompts => Ask(model, trainData, prompts), Note);
            account.Begin();
            new TrainingLoop(Settings, run, objective, report, checkpoints).Run(train.Examples, validation.Examples);
            run.Freeze();
            model.Training = account.End(report.Series);
            LastFindings = model.Training.Findings;
            foreach (var finding in LastFindings) channel.Warning(MessageSensitivity.None, "{0}", finding);
            return model;
        }
        catch
        {
            run.Dispose();
            throw;
        }

        void Note(string message) => channel.Info(MessageSensitivity.None, "{0}", message);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => CausalLMColumns.GetOutputSchema(inputSchema, hasReference: true);

    // Prompts are rendered as the training rows were, where these say how.
    private IReadOnlyList<string> Ask(CausalLMTransformer model, IDataView trainData, IReadOnlyList<string> prompts)
    {
        var tokenizer = TokenizedBy.Find(trainData.Schema)?.PreferenceTokenizer ?? new PreferenceTokenizer(model.ChatTokenizer, model.ChatTokenizer.ChatTemplate is not null);
        var tokens = prompts.Select(prompt => tokenizer.Tokenize(ChatText.Of(prompt), []).PromptTokens).ToList();
        return [.. model.Complete(tokens, new GenerationOptions { MaxNewTokens = RunAccount.SampleTokens }, 1, 0, Settings.CancellationToken).Select(answers => answers[0].Text)];
    }

    private ExampleSet Read(IChannel channel, IDataView data, string prefix)
    {
        var set = ExampleReader.Read(data, Settings.MaxLength, NeedsPairs, LearnsText, Settings.TruncationMode);
        if (!set.Truncation.IsNothing) channel.Warning(MessageSensitivity.None, "{0}{1}", prefix, set.Truncation);
        else channel.Info(MessageSensitivity.None, "{0}{1}", prefix, set.Truncation);
        return set;
    }

    private static void RequireRows(ExampleSet set, string purpose)
    {
        if (set.Examples.Count == 0) throw new PreferenceDataException($"No row is left to {purpose} ({set.Truncation}); give more data or a larger MaxLength.");
    }

    private void WarnOfContext(IChannel channel, DecoderConfig config, IEnumerable<PreferenceExample> examples)
    {
        var longest = examples.Max(e => e.Responses.Index().Max(r => e.PromptLength(r.Index) + r.Item.Length));
        if (longest > config.MaxPositionEmbeddings && config.Rope is null)
            throw new ArgumentException($"The longest row has {longest} tokens, and this model has learned positions for {config.MaxPositionEmbeddings}; MaxLength is {Settings.MaxLength}, lower it to {config.MaxPositionEmbeddings}.");
        if (longest > config.MaxPositionEmbeddings)
            channel.Warning(MessageSensitivity.None, "The longest row has {0} tokens, more than the {1} of the model's context; MaxLength is {2}, lower it to {1}.", longest, config.MaxPositionEmbeddings, Settings.MaxLength);
    }

    private void Advise(IChannel channel, CausalLM model, IReadOnlyList<PreferenceExample> train)
    {
        var size = new RunSize(StepPlan.Of(Settings, train.Count), train.Sum(example => (long)example.Pairs.Count), model.Parameters.Values.Sum(weight => weight.numel()));
        foreach (var line in OptionAdvice.Of(Settings, size)) channel.Warning(MessageSensitivity.None, "{0}", line);
    }

    private static void CheckVocabulary(DecoderConfig config, string folder, IEnumerable<PreferenceExample> examples)
    {
        foreach (var example in examples)
        {
            var highest = example.Responses.Append(example.Prompt).Max(ids => ids.DefaultIfEmpty(0).Max());
            if (highest >= config.VocabSize)
                throw new InvalidDataException($"Row {example.Row} has token id {highest}, but {folder} has a vocabulary of {config.VocabSize}; the data was tokenised with another model's tokenizer.");
        }
    }
}
