using Microsoft.ML;
using Microsoft.ML.Runtime;

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

    /// <summary>The options as they were when the trainer was made.</summary>
    private protected TrainingOptions Settings { get; }

    private protected abstract double Beta { get; }

    private protected abstract bool NeedsPairs { get; }

    private protected abstract ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report);

    /// <summary>Trains on the data.</summary>
    /// <param name="input">Columns PromptTokens, ResponseTokens, ResponseLengths and, for pairs, Scores.</param>
    /// <exception cref="PreferenceDataException">No row can be trained on.</exception>
    /// <exception cref="NonFiniteLossException">A loss became NaN or infinite.</exception>
    /// <exception cref="IOException">The options' OutputDirectory cannot be made.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled; the last checkpoint is whole.</exception>
    public CausalLMTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on the data and evaluates on other data while doing so.</summary>
    /// <param name="trainData">Columns as in <see cref="Fit(IDataView)"/>.</param>
    /// <param name="validationData">The same columns, or null.</param>
    public CausalLMTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var channel = _host.Start("Training");
        var train = ExampleReader.Read(trainData, Settings.MaxLength, NeedsPairs);
        var validation = validationData is null ? ExampleSet.Empty : ExampleReader.Read(validationData, Settings.MaxLength, NeedsPairs);
        LastTruncation = train.Truncation;
        Announce(channel, train.Truncation);
        if (train.Examples.Count == 0) throw new PreferenceDataException($"No row is left to train on ({train.Truncation}); give more data or a larger MaxLength.");

        MakeOutputDirectory();
        var tokenizer = HuggingFaceTokenizer.Load(Settings.Tokenizer ?? Settings.BaseModel);
        var run = TrainingRun.Prepare(Settings);
        try
        {
            CheckVocabulary(run.Model.Config, train.Examples.Concat(validation.Examples));
            var report = new TrainingReport(Settings, message => channel.Info(MessageSensitivity.None, "{0}", message));
            var objective = Prepare(run, train.Examples, validation.Examples, report);
            new TrainingLoop(Settings, run, objective, report).Run(train.Examples, validation.Examples);
            run.Freeze();
            return new CausalLMTransformer(_host, new TunedModel(run.Model, run.Adapter, Path.GetFullPath(Settings.BaseModel)), tokenizer, Beta, Settings.MaxLength);
        }
        catch
        {
            run.Model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => CausalLMColumns.GetOutputSchema(inputSchema, hasReference: Settings.Lora is not null);

    private static void Announce(IChannel channel, TruncationSummary summary)
    {
        if (summary.Dropped + summary.TruncatedRows > 0) channel.Warning(MessageSensitivity.None, "{0}", summary.ToString());
        else channel.Info(MessageSensitivity.None, "{0}", summary.ToString());
    }

    // Before the model is loaded and the reference runs: what can fail late is found early.
    private void MakeOutputDirectory()
    {
        if (Settings.OutputDirectory is not { } folder) return;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"OutputDirectory is '{folder}', which cannot be made ({e.Message.TrimEnd('.')}); give a folder that can be written.", e);
        }
    }

    private void CheckVocabulary(DecoderConfig config, IEnumerable<PreferenceExample> examples)
    {
        foreach (var example in examples)
        {
            var highest = example.Responses.Append(example.Prompt).Max(ids => ids.DefaultIfEmpty(0).Max());
            if (highest >= config.VocabSize)
                throw new InvalidDataException($"Row {example.Row} has token id {highest}, but {Settings.BaseModel} has a vocabulary of {config.VocabSize}; the data was tokenised with another model's tokenizer.");
        }
    }
}
