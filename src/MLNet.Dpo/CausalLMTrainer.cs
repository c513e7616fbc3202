using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.Dpo;

/// <summary>What the trainers of this library share: from tokenised rows to a <see cref="CausalLMTransformer"/>.</summary>
public abstract class CausalLMTrainer : IEstimator<CausalLMTransformer>
{
    private readonly IHost _host;
    private readonly TrainingOptions _options;

    private protected CausalLMTrainer(IHostEnvironment env, string name, TrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _host = env.Register(name);
        _options = options;
    }

    /// <summary>What the last fit cut and dropped; null before the first.</summary>
    public TruncationSummary? LastTruncation { get; private set; }

    private protected abstract double Beta { get; }

    private protected abstract bool NeedsPairs { get; }

    private protected abstract ITrainingObjective Prepare(TrainingRun run, IReadOnlyList<PreferenceExample> train, IReadOnlyList<PreferenceExample> validation, TrainingReport report);

    /// <summary>Trains on the data.</summary>
    /// <param name="input">Columns PromptTokens, ResponseTokens, ResponseLengths and, for pairs, Scores.</param>
    /// <exception cref="PreferenceDataException">No row can be trained on.</exception>
    /// <exception cref="NonFiniteLossException">A loss became NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled; the last checkpoint is whole.</exception>
    public CausalLMTransformer Fit(IDataView input) => Fit(input, null);

    /// <summary>Trains on the data and evaluates on other data while doing so.</summary>
    /// <param name="trainData">Columns as in <see cref="Fit(IDataView)"/>.</param>
    /// <param name="validationData">The same columns, or null.</param>
    public CausalLMTransformer Fit(IDataView trainData, IDataView? validationData)
    {
        ArgumentNullException.ThrowIfNull(trainData);
        using var channel = _host.Start("Training");
        var train = ExampleReader.Read(trainData, _options.MaxLength, NeedsPairs);
        var validation = validationData is null ? ExampleSet.Empty : ExampleReader.Read(validationData, _options.MaxLength, NeedsPairs);
        LastTruncation = train.Truncation;
        Announce(channel, train.Truncation);
        if (train.Examples.Count == 0) throw new PreferenceDataException($"No row is left to train on ({train.Truncation}); give more data or a larger MaxLength.");

        var tokenizer = HuggingFaceTokenizer.Load(_options.Tokenizer ?? _options.BaseModel);
        var run = TrainingRun.Prepare(_options);
        try
        {
            CheckVocabulary(run.Model.Config, train.Examples.Concat(validation.Examples));
            var report = new TrainingReport(_options, message => channel.Info(MessageSensitivity.None, "{0}", message));
            var objective = Prepare(run, train.Examples, validation.Examples, report);
            new TrainingLoop(_options, run, objective, report).Run(train.Examples, validation.Examples);
            run.Freeze();
            return new CausalLMTransformer(_host, new TunedModel(run.Model, run.Adapter, Path.GetFullPath(_options.BaseModel)), tokenizer, Beta, _options.MaxLength);
        }
        catch
        {
            run.Model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => CausalLMColumns.GetOutputSchema(inputSchema, hasReference: true);

    private static void Announce(IChannel channel, TruncationSummary summary)
    {
        if (summary.Dropped + summary.TruncatedRows > 0) channel.Warning(MessageSensitivity.None, "{0}", summary.ToString());
        else channel.Info(MessageSensitivity.None, "{0}", summary.ToString());
    }

    private void CheckVocabulary(DecoderConfig config, IEnumerable<PreferenceExample> examples)
    {
        foreach (var example in examples)
        {
            var highest = example.Responses.Append(example.Prompt).Max(ids => ids.DefaultIfEmpty(0).Max());
            if (highest >= config.VocabSize)
                throw new InvalidDataException($"Row {example.Row} has token id {highest}, but {_options.BaseModel} has a vocabulary of {config.VocabSize}; the data was tokenised with another model's tokenizer.");
        }
    }
}
