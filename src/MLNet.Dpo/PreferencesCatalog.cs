using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Tokenizers;
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

    /// <summary>The trainers of chat models.</summary>
    public sealed class TrainerCatalog
    {
        private readonly MLContext _ml;

        internal TrainerCatalog(MLContext ml) => _ml = ml;

        /// <summary>Direct Preference Optimization on pairs of responses.</summary>
        /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
        public DpoTrainer Dpo(DpoTrainer.Options options) => new(_ml, options);

        /// <summary>Supervised fine-tuning on responses.</summary>
        /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
        public SftTrainer Sft(SftTrainer.Options options) => new(_ml, options);
    }

    /// <summary>Preference data of JSON, JSONL or concatenated JSON files, read lazily: columns Prompt, Responses, Scores.</summary>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, a record cannot be used.</exception>
    public IDataView Load(params string[] paths) => Load(new PreferenceLoader.Options(), paths);

    /// <summary>Preference data of files, with settings of the loader.</summary>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, a record cannot be used.</exception>
    public IDataView Load(PreferenceLoader.Options options, params string[] paths) => new PreferenceLoader(options).Load(new MultiFileSource(paths));

    /// <summary>Makes token ids of prompts and responses, by a model folder's tokenizer and chat template.</summary>
    /// <param name="modelFolder">A folder with tokenizer.json, or that file.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    public PreferenceTokenizingEstimator Tokenize(string modelFolder, PreferenceTokenizingEstimator.Options? options = null) =>
        Tokenize(HuggingFaceTokenizer.Load(modelFolder), options);

    /// <summary>Makes token ids of prompts and responses.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    public PreferenceTokenizingEstimator Tokenize(Tokenizer tokenizer, PreferenceTokenizingEstimator.Options? options = null) =>
        new(_ml, tokenizer, options ?? new PreferenceTokenizingEstimator.Options());

    /// <summary>A model folder as it is, without training: a chain that tokenises and generates, scores log-probabilities, and saves like a tuned one.</summary>
    /// <param name="modelFolder">A Hugging Face model folder.</param>
    /// <param name="tokenizer">The folder of its tokenizer, where it has none.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="numThreads">CPU threads for tensor operations; 0 for the environment's OMP_NUM_THREADS or, without it, all cores.</param>
    public TransformerChain<CausalLMTransformer> LoadPretrained(
        string modelFolder, string? tokenizer = null, string device = TrainingOptions.AutoDevice, int numThreads = 0)
    {
        var text = new ChatTokenizer(HuggingFaceTokenizer.Load(tokenizer ?? modelFolder));
        var network = ModelFolder.Load(modelFolder, DeviceChoice.Resolve(device, numThreads));
        return new TransformerChain<CausalLMTransformer>(
            new PreferenceTokenizingTransformer(_ml, text, text.ChatTemplate is not null, new InputColumnNames()),
            new CausalLMTransformer(_ml, new TunedModel(network, null, Path.GetFullPath(modelFolder)), text, beta: 1, maxLength: network.Config.MaxPositionEmbeddings));
    }
}
