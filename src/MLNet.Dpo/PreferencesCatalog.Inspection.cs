using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Inspection;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>Looks preference data over before it is trained on: counts, lengths, and what should be mended. It is read once, to its end.</summary>
    /// <param name="data">Prompt or Messages with Responses and Scores, or with Chosen and Rejected.</param>
    /// <param name="tokenizer">A folder with tokenizer.json and its chat template: that of the model to be tuned.</param>
    /// <param name="options">The length limit, and another split to compare with; the defaults when null.</param>
    /// <returns>Figures and findings; printed, a table.</returns>
    /// <exception cref="ArgumentException">A column is missing, or an option out of range.</exception>
    /// <exception cref="PreferenceDataException">A file's record cannot be read at all.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.json.</exception>
    /// <example><code>
    /// DataInspection inspection = ml.Preferences.Inspect(pairs, "models/tiny-chat");
    /// Console.WriteLine(inspection);
    /// inspection.SaveHtml("data.html");
    /// </code></example>
    public DataInspection Inspect(IDataView data, string tokenizer, InspectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return Inspect(data, new ChatTokenizer(ModelTokenizer.Load(tokenizer)), null, null, options);
    }

    /// <summary>Looks preference data over and asks the model to be tuned about it: whether it could give the chosen answers, or must be fine-tuned on them first.</summary>
    /// <inheritdoc cref="Inspect(IDataView, string, InspectionOptions)"/>
    /// <param name="data">Prompt or Messages with Responses and Scores, or with Chosen and Rejected.</param>
    /// <param name="model">A chain that tokenises and generates: <see cref="LoadPretrained"/>, a fitted pipeline, or a loaded model.</param>
    /// <param name="options">The length limit, another split to compare with, and how many rows the model is asked about; the defaults when null.</param>
    /// <example><code>
    /// var model = ml.Preferences.LoadPretrained("models/tiny-chat");
    /// Console.WriteLine(ml.Preferences.Inspect(pairs, model));
    /// </code></example>
    public DataInspection Inspect(IDataView data, ITransformer model, InspectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tokenizing = PipelineParts.Find<PreferenceTokenizingTransformer>(model);
        return Inspect(data, tokenizing.ChatTokenizer, tokenizing, PipelineParts.Find<CausalLMTransformer>(model), options);
    }

    /// <summary>Compares model folders, to choose which to tune: size, context, speed here, memory to train, and which of them the data are too long for. Each is loaded once.</summary>
    /// <param name="modelFolders">Hugging Face model folders with their tokenizers.</param>
    /// <param name="data">The preference data to be trained on, whose lengths are counted by each folder's own tokenizer; null for none.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="cancellation">Stops between two tokens or rows.</param>
    /// <returns>The models, the smallest first; printed, a table.</returns>
    /// <exception cref="ArgumentException">No folder is given.</exception>
    /// <exception cref="FileNotFoundException">A folder lacks a file.</exception>
    /// <example><code>
    /// Console.WriteLine(ml.Preferences.Describe(["models/small", "models/large"], pairs));
    /// </code></example>
    public ModelDescriptions Describe(IEnumerable<string> modelFolders, IDataView? data = null, string device = TrainingOptions.AutoDevice, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(modelFolders);
        var folders = modelFolders.ToList();
        if (folders.Count == 0) throw new ArgumentException("modelFolders is empty; give at least one model folder (config.json, model.safetensors, tokenizer.json).", nameof(modelFolders));
        return new ModelDescriptions([.. folders.Select(folder => ModelMeasure.Of(folder, data, device, cancellation)).OrderBy(model => model.Parameters)]);
    }

    private static DataInspection Inspect(IDataView data, ChatTokenizer chat, PreferenceTokenizingTransformer? tokenizing, CausalLMTransformer? model, InspectionOptions? options)
    {
        ArgumentNullException.ThrowIfNull(data);
        options ??= new InspectionOptions();
        options.Validate();
        var templated = chat.ChatTemplate is not null;
        var tokenizer = tokenizing?.PreferenceTokenizer ?? new PreferenceTokenizer(chat, templated);
        var rows = InspectedData.Read(data, tokenizing?.RowTokenizer ?? new RowTokenizer(tokenizer, chat, templated), options.CancellationToken);
        var statistics = new DataStatistics(rows, options.MaxLength, options.OtherSplit is { } other ? InspectedData.PromptKeys(other) : new HashSet<string>());
        return new DataInspection(statistics, model is null ? null : Check(rows.Rows, model, tokenizer, options), templated);
    }

    private static ModelCheck? Check(IReadOnlyList<InspectedRow> rows, CausalLMTransformer model, PreferenceTokenizer tokenizer, InspectionOptions options)
    {
        var context = Math.Min(options.MaxLength, model.Model.Network.Config.MaxPositionEmbeddings);
        return ModelCheck.Run(rows, model, prompts => [.. model.Complete(prompts, options.Sampling, 1, 0, options.CancellationToken).Select(samples => samples[0])], tokenizer, context, model.Scoring, options);
    }
}
