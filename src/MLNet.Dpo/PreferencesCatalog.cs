using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Data;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo;

/// <summary>The front door: <c>ml.Preferences</c>. Loads preference data, tokenises, trains, generates, scores and evaluates.</summary>
public sealed partial class PreferencesCatalog
{
    private readonly MLContext _ml;

    internal PreferencesCatalog(MLContext ml)
    {
        ArgumentNullException.ThrowIfNull(ml);
        _ml = ml;
        Trainers = new TrainerCatalog(ml);
    }

    /// <summary>The trainers.</summary>
    public TrainerCatalog Trainers { get; }

    /// <summary>
    /// Preference data of JSON, JSONL, concatenated JSON, CSV (.csv) or TSV (.tsv) files, read lazily: columns Prompt or Messages, Responses or ResponseMessages, Scores.
    /// Each record's format is found by its keys. (Parquet: LoadParquet, in the package MLNet.Dpo.Parquet.)
    /// </summary>
    /// <param name="paths">The files, plain or gzipped.</param>
    /// <returns>One row for each record, in the files' order.</returns>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, a record cannot be used.</exception>
    /// <example><code>
    /// IDataView pairs = ml.Preferences.Load("train.jsonl");
    /// </code></example>
    public IDataView Load(params string[] paths) => Load(new PreferenceLoader.Options(), paths);

    /// <summary>Preference data of files, with settings of the loader.</summary>
    /// <param name="options">The records' format, which key holds what, what is let pass, and what is done with bad rows.</param>
    /// <param name="paths">The files, plain or gzipped.</param>
    /// <returns>One row for each record, in the files' order.</returns>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, a record cannot be used.</exception>
    /// <example><code>
    /// IDataView pairs = ml.Preferences.Load(new PreferenceLoader.Options { AllowEmptyResponses = true }, "a.json", "b.jsonl.gz");
    /// </code></example>
    public IDataView Load(PreferenceLoader.Options options, params string[] paths) => new PreferenceLoader(_ml, options).Load(new MultiFileSource(paths));

    /// <summary>Preference data of files that say themselves how they are opened.</summary>
    internal IDataView Load(PreferenceLoader.Options options, IReadOnlyList<PreferenceFile> files) => new PreferenceLoader(_ml, options).Load(files);

    /// <summary>Makes token ids of prompts and responses, by a model folder's tokenizer and chat template. A column that is not there is not needed.</summary>
    /// <param name="modelFolder">A folder with tokenizer.json, or that file.</param>
    /// <param name="promptColumnName">The column of prompts as plain text.</param>
    /// <param name="messagesColumnName">The column of prompts as messages; a row fills this or the one before.</param>
    /// <param name="responsesColumnName">The column of responses as plain texts.</param>
    /// <param name="chosenColumnName">The column of preferred responses, where each response has a column of its own.</param>
    /// <param name="rejectedColumnName">The column of the other responses then.</param>
    /// <param name="scoresColumnName">The column of the responses' scores.</param>
    /// <returns>The estimator, to which a trainer is appended.</returns>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.json.</exception>
    /// <example><code>
    /// var pipeline = ml.Preferences.Tokenize("models/tiny-chat", promptColumnName: "Question")
    ///     .Append(ml.Preferences.Trainers.Dpo("models/tiny-chat"));
    /// </code></example>
    public PreferenceTokenizingEstimator Tokenize(
        string modelFolder,
        string promptColumnName = ColumnNames.Prompt,
        string messagesColumnName = ColumnNames.Messages,
        string responsesColumnName = ColumnNames.Responses,
        string chosenColumnName = ColumnNames.Chosen,
        string rejectedColumnName = ColumnNames.Rejected,
        string scoresColumnName = ColumnNames.Scores) =>
        Tokenize(modelFolder, new PreferenceTokenizingEstimator.Options
        {
            PromptColumnName = promptColumnName,
            MessagesColumnName = messagesColumnName,
            ResponsesColumnName = responsesColumnName,
            ChosenColumnName = chosenColumnName,
            RejectedColumnName = rejectedColumnName,
            ScoresColumnName = scoresColumnName,
        });

    /// <summary>Makes token ids of prompts and responses, by a model folder's tokenizer and chat template.</summary>
    /// <param name="modelFolder">A folder with tokenizer.json or tokenizer.model, one of these files, or a GGUF file.</param>
    /// <param name="options">All settings.</param>
    /// <returns>The estimator, to which a trainer is appended.</returns>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.json.</exception>
    /// <example><code>
    /// var plainText = ml.Preferences.Tokenize("models/base", new PreferenceTokenizingEstimator.Options { ApplyChatTemplate = false });
    /// </code></example>
    public PreferenceTokenizingEstimator Tokenize(string modelFolder, PreferenceTokenizingEstimator.Options options) =>
        Tokenize(ModelTokenizer.Load(modelFolder), options);

    /// <summary>
    /// Makes token ids of prompts and responses, by any tokenizer. One that is no <see cref="HuggingFaceTokenizer"/> must recognise its special tokens in text and add none,
    /// gets chat template and special tokens from the options, and cannot be saved within a model.
    /// </summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <returns>The estimator, to which a trainer is appended.</returns>
    /// <exception cref="ArgumentException">An option contradicts another or the tokenizer.</exception>
    /// <example><code>
    /// var pipeline = ml.Preferences.Tokenize(tokenizer, new PreferenceTokenizingEstimator.Options
    /// {
    ///     ChatTemplate = File.ReadAllText("chat_template.jinja"),
    ///     SpecialTokens = new Dictionary&lt;string, string&gt; { ["eos_token"] = "&lt;|im_end|&gt;" },
    /// });
    /// </code></example>
    public PreferenceTokenizingEstimator Tokenize(Tokenizer tokenizer, PreferenceTokenizingEstimator.Options? options = null) =>
        new(_ml, tokenizer, options ?? new PreferenceTokenizingEstimator.Options());

    /// <summary>The chat model in a chain, wherever it stands: what exports, and holds the generation settings.</summary>
    /// <param name="chain">A fitted pipeline or a loaded model.</param>
    /// <returns>The last chat model in it.</returns>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <example><code>
    /// ITransformer loaded = ml.Model.Load("style.zip", out _);
    /// ml.Preferences.FindModel(loaded).SaveAdapter("adapter");
    /// </code></example>
    public CausalLMTransformer FindModel(ITransformer chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return PipelineParts.Find<CausalLMTransformer>(chain);
    }

    /// <summary>
    /// A model folder as it is, or with a trained adapter on it, without training: a chain that tokenises and generates, scores log-probabilities (with an adapter rewards
    /// too), and saves, merges and exports like a tuned one.
    /// </summary>
    /// <param name="modelFolder">A Hugging Face model folder, or a GGUF file (a path that ends with <c>.gguf</c>).</param>
    /// <param name="tokenizer">The folder of its tokenizer, where it has none.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="numThreads">The model's <see cref="CausalLMTransformer.NumThreads"/>; 0 to choose by its size.</param>
    /// <param name="adapter">A PEFT adapter folder of this base: what <see cref="CausalLMTransformer.SaveAdapter"/> or PEFT wrote, or a <c>checkpoint-N</c> of a LoRA run. Null for the bare base.</param>
    /// <param name="beta">The β of the column Rewards, above 0: the adapter's log-ratio to the bare base times this. Without an adapter there are no rewards.</param>
    /// <param name="tokenizing">How prompts are made tokens of: chat template and its variables, control tokens, column names. The defaults when null.</param>
    /// <param name="precision">What the model computes in. Its weights are held so too: to merge an adapter into a base of float32 weights and publish it unrounded, load it in <see cref="Precision.Float32"/>.</param>
    /// <returns>The chain; its <c>LastTransformer</c> is the model.</returns>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or the adapter is another base's.</exception>
    /// <exception cref="NotSupportedException">The architecture, or a setting of the adapter, is not supported.</exception>
    /// <example><code>
    /// var model = ml.Preferences.LoadPretrained("models/tiny-chat");
    /// Console.WriteLine(ml.Preferences.Generate(model, "hi!"));
    /// var tuned = ml.Preferences.LoadPretrained("models/tiny-chat", adapter: "run/checkpoint-200");
    /// tuned.LastTransformer.SaveModelFolder("merged");
    /// </code></example>
    public TransformerChain<CausalLMTransformer> LoadPretrained(
        string modelFolder,
        string? tokenizer = null,
        string device = TrainingOptions.AutoDevice,
        int numThreads = 0,
        string? adapter = null,
        double beta = 1,
        PreferenceTokenizingEstimator.Options? tokenizing = null,
        Precision precision = Precision.Auto)
    {
        OptionCheck.Positive(beta, nameof(beta));
        OptionCheck.Within(numThreads, 0, CpuThreads.Most, nameof(numThreads));
        OptionCheck.Defined(precision, nameof(precision));
        tokenizing ??= new PreferenceTokenizingEstimator.Options();
        var text = tokenizing.CreateTokenizer(ModelTokenizer.Load(tokenizer ?? modelFolder));
        var (settings, names) = (tokenizing.CreateSettings(text), tokenizing.CreateNames());
        var place = DeviceChoice.Resolve(device);
        var network = ModelFolder.Load(modelFolder, place, ModelFolder.DtypeOf(modelFolder, precision, place));
        try
        {
            var config = adapter is null ? null : AdapterFolder.Load(network, adapter);
            return new TransformerChain<CausalLMTransformer>(
                new PreferenceTokenizingTransformer(_ml, text, settings, names),
                new CausalLMTransformer(_ml, new TunedModel(network, config, Path.GetFullPath(modelFolder)), text, beta, network.Config.MaxPositionEmbeddings) { NumThreads = numThreads });
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
