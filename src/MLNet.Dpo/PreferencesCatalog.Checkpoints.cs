using Microsoft.ML.Data;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// A <c>checkpoint-N</c> of a training run as a model: it generates, scores rewards with the run's β against the run's reference, and is published like the run's result (<see cref="SaveZip"/>,
    /// <see cref="CausalLMTransformer.SaveAdapter"/>, <see cref="CausalLMTransformer.SaveModelFolder"/>). Where base, tokenizer and reference lie says the run's run.json beside it; weights that are not the run's are an error.
    /// </summary>
    /// <param name="checkpoint">The folder, of a run with LoRA or of all weights.</param>
    /// <param name="baseModel">The base model's folder; null for the one that the run had.</param>
    /// <param name="tokenizer">The tokenizer's folder; null for the one that the run had.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="numThreads">The model's <see cref="CausalLMTransformer.NumThreads"/>; 0 to choose by its size.</param>
    /// <param name="referenceModel">The folder of a run's own <see cref="DpoTrainer.Options.ReferenceModel"/>; null for the one that it had.</param>
    /// <param name="initialAdapter">The folder of the adapter that the run began with (<see cref="LoraOptions.InitialAdapter"/>); null for the one that it had.</param>
    /// <param name="tokenizing">How prompts are made tokens of, where the run's rows were not made by the defaults.</param>
    /// <param name="precision">What the model computes in; <see cref="Precision.Auto"/> for what the run did.</param>
    /// <returns>The chain; its <c>LastTransformer</c> is the model.</returns>
    /// <exception cref="FileNotFoundException">The folder is no checkpoint, or lacks a file.</exception>
    /// <exception cref="DirectoryNotFoundException">A folder that it stands on is not there.</exception>
    /// <exception cref="InvalidDataException">A file is not what was written, or a folder holds other weights than the run saw.</exception>
    /// <example><code>
    /// using var model = ml.Preferences.LoadCheckpoint("run/checkpoint-200");
    /// model.LastTransformer.SaveModelFolder("merged");
    /// </code></example>
    public TransformerChain<CausalLMTransformer> LoadCheckpoint(
        string checkpoint,
        string? baseModel = null,
        string? tokenizer = null,
        string device = TrainingOptions.AutoDevice,
        int numThreads = 0,
        string? referenceModel = null,
        string? initialAdapter = null,
        PreferenceTokenizingEstimator.Options? tokenizing = null,
        Precision precision = Precision.Auto)
    {
        ArgumentException.ThrowIfNullOrEmpty(checkpoint);
        OptionCheck.Within(numThreads, 0, CpuThreads.Most, nameof(numThreads));
        OptionCheck.Defined(precision, nameof(precision));
        tokenizing ??= new PreferenceTokenizingEstimator.Options();
        var saved = SavedCheckpoint.Open(checkpoint);
        var folder = saved.Base(baseModel);
        var text = tokenizing.CreateTokenizer(ModelTokenizer.Load(tokenizer ?? saved.Tokenizer ?? folder));
        var (settings, names) = (tokenizing.CreateSettings(text), tokenizing.CreateNames());
        var model = saved.Load(folder, referenceModel, initialAdapter, DeviceChoice.Resolve(device), precision);
        return new TransformerChain<CausalLMTransformer>(
            new PreferenceTokenizingTransformer(_ml, text, settings, names),
            new CausalLMTransformer(_ml, model, text, saved.Beta, saved.MaxLength ?? model.Network.Config.MaxPositionEmbeddings, saved.TruncationMode) { NumThreads = numThreads });
    }
}
