using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Labeling;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>A model to compare with others. It stays the caller's.</summary>
    /// <param name="model">A fitted pipeline or a loaded model.</param>
    /// <param name="name">What it is called in tables.</param>
    /// <exception cref="ArgumentException">The model has no tokenizer or chat model, or the name is blank.</exception>
    public ComparedModel Candidate(ITransformer model, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        _ = PipelineParts.Find<CausalLMTransformer>(model);
        return new ComparedModel(name, () => (model, null));
    }

    /// <summary>A folder or file to compare with others. It is loaded when its turn comes, and freed after it.</summary>
    /// <param name="path">A checkpoint, an adapter folder that names its base, a model folder, or a model zip.</param>
    /// <param name="name">What it is called in tables; the path when null.</param>
    /// <param name="load">Loads it, where <see cref="LoadCheckpoint"/>, <see cref="LoadPretrained"/> or <see cref="LoadZip"/> with the path alone would not do; null for these.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <example><code>
    /// ComparedModel[] models = [ml.Preferences.Candidate("models/tiny-chat", "base"), ml.Preferences.Candidate("run/checkpoint-20", load: f => ml.Preferences.LoadCheckpoint(f, tokenizer: "tokenizer"))];
    /// </code></example>
    public ComparedModel Candidate(string path, string? name = null, Func<string, ITransformer>? load = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path) && !File.Exists(path)) throw new FileNotFoundException($"'{path}' does not exist; give a checkpoint, an adapter or model folder, or a model zip.", path);
        load ??= Load;
        return new ComparedModel(name ?? path, Loaded, RunFolder.StepOf(path));

        (ITransformer Model, IDisposable? Owned) Loaded()
        {
            var model = load(path);
            return (model, PipelineParts.Find<CausalLMTransformer>(model));
        }
    }

    /// <summary>Compares checkpoints, all those of a run, or other models, to see which to publish: the table shows metrics on data that they were not trained on, how far each has gone from its reference, and what they say.</summary>
    /// <param name="paths">Checkpoints, adapter or model folders, model zips, or a run's OutputDirectory, which stands for all its checkpoints.</param>
    /// <param name="validation">Preference data for loss, margin and accuracy; null for none.</param>
    /// <param name="prompts">Prompts for KL, own metrics and answers, each one user turn of plain text; null for those of the validation data.</param>
    /// <param name="options">Completions, own metrics, seed; the defaults when null.</param>
    /// <returns>The comparison; printed, a table.</returns>
    /// <exception cref="ArgumentException">There is no model, two have the same name, there are neither prompts nor validation data, or an option is out of range.</exception>
    /// <exception cref="IOException">A folder is not there, or not whole.</exception>
    /// <example><code>
    /// ModelComparison comparison = ml.Preferences.Compare(["models/tiny-chat", "run"], split.TestSet);
    /// Console.WriteLine(comparison);
    /// comparison.SaveHtml("compared.html");
    /// </code></example>
    public ModelComparison Compare(IEnumerable<string> paths, IDataView? validation = null, IEnumerable<string>? prompts = null, ComparisonOptions? options = null) =>
        Compare(Candidates(paths), validation, prompts, options);

    /// <summary>Compares models.</summary>
    /// <inheritdoc cref="Compare(IEnumerable{string}, IDataView, IEnumerable{string}, ComparisonOptions)"/>
    /// <param name="models">What <see cref="Candidate(string, string, Func{string, ITransformer})"/> gives.</param>
    /// <param name="validation">Preference data for loss, margin and accuracy; null for none.</param>
    /// <param name="prompts">Prompts for KL, own metrics and answers; null for those of the validation data.</param>
    /// <param name="options">Completions, own metrics, seed; the defaults when null.</param>
    public ModelComparison Compare(IEnumerable<ComparedModel> models, IDataView? validation = null, IEnumerable<string>? prompts = null, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        options ??= new ComparisonOptions();
        options.Validate();
        var all = ComparedModel.Checked(models);
        IReadOnlyList<ChatText> asked = prompts is not null ? [.. prompts.Select(ChatText.Of)]
            : validation is not null ? PromptsOf(validation, options.PromptsOfValidation)
            : throw new ArgumentException("There are neither prompts nor validation data to compare on; give one of them.");
        if (asked.Count == 0 && options.Metrics.Count > 0) throw new ArgumentException("prompts is empty, but the options have Metrics of answers; give at least one prompt.", nameof(prompts));
        return new ModelComparison([.. all.Select(model => model.With(chain => ResultOf(model, chain, validation, asked, options)))], [.. asked.Select(prompt => prompt.AsText("user") ?? prompt.Messages!.ToJsonString())]);
    }

    private ModelResult ResultOf(ComparedModel model, ITransformer chain, IDataView? validation, IReadOnlyList<ChatText> prompts, ComparisonOptions options)
    {
        var network = PipelineParts.Find<CausalLMTransformer>(chain);
        var cancellation = options.CancellationToken;
        var preferences = validation is null || !network.HasReference ? null : Evaluate(Score(chain, validation, cancellation));
        IReadOnlyList<string> responses = [.. Sample(chain, prompts.Select(prompt => new PreferenceRow("", prompt, [])), options.Generation, 1, cancellation).Select(answers => answers.Responses[0])];
        var own = options.Metrics.ToDictionary(metric => metric.Key, metric => MeanEstimate.OfEach(prompts.Zip(responses, (prompt, response) => ValueOf(metric, SaidText.OfUser(prompt), response))));
        var (kl, tokens, cut) = prompts.Count == 0 || !network.HasReference ? default : Divergence(chain, network, prompts, options);
        return new ModelResult(model.Name, network.Beta, preferences, kl, tokens, cut, own, responses) { Step = model.Step };
    }

    private static (MeanEstimate Kl, MeanEstimate Tokens, double Cut) Divergence(ITransformer chain, CausalLMTransformer network, IReadOnlyList<ChatText> prompts, ComparisonOptions options)
    {
        var tokenizer = PipelineParts.Find<PreferenceTokenizingTransformer>(chain).RowTokenizer;
        var (sampling, samples) = (options.KlSampling, (options.KlCompletions + prompts.Count - 1) / prompts.Count);
        var (ratios, lengths, cut, done) = (new List<double[]>(), new List<double[]>(), 0, 0);
        foreach (var batch in prompts.Chunk(Math.Max(1, sampling.BatchSize / samples)))
        {
            var tokens = batch.Select((prompt, i) => tokenizer.Checked(new PreferenceRow($"Prompt {done + i + 1}", prompt, [])).PromptTokens).ToList();
            var completions = network.Complete(tokens, sampling, samples, done * samples, options.CancellationToken);
            ratios.AddRange(network.LogRatios(tokens, completions, options.CancellationToken).Select(row => row.Where(double.IsFinite).ToArray()));
            lengths.AddRange(completions.Select(row => row.Where(c => c.Tokens.Length > 0).Select(c => (double)c.Tokens.Length).ToArray()));
            cut += completions.Sum(row => row.Count(c => c.Reason is FinishReason.Length));
            done += batch.Length;
        }
        return (MeanEstimate.Of(ratios), MeanEstimate.Of(lengths), cut / (double)Math.Max(1, lengths.Sum(row => row.Length)));
    }

    private static double ValueOf(KeyValuePair<string, Func<string, string, double>> metric, string prompt, string response) =>
        metric.Value(prompt, response) is var value && double.IsFinite(value) ? value
            : throw new ArgumentException($"The metric '{metric.Key}' is {value} for the prompt '{prompt.ReplaceLineEndings(" ")}'; it must give a finite number for every answer, an empty one too.");

    private static IReadOnlyList<ChatText> PromptsOf(IDataView data, int most)
    {
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        using var cursor = data.GetRowCursor(columns.All);
        var read = columns.CreateReader(cursor);
        var prompts = new List<ChatText>();
        while (cursor.MoveNext()) prompts.Add(read().Prompt);
        var different = prompts.DistinctBy(SaidText.Key).ToList();
        var count = Math.Min(most, different.Count);
        return [.. Enumerable.Range(0, count).Select(i => different[(int)((long)i * different.Count / count)])];
    }

    private IEnumerable<ComparedModel> Candidates(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var all = paths.SelectMany(path => Directory.Exists(path) && !IsModel(path) && RunFolder.CheckpointsIn(path) is { Count: > 0 } checkpoints ? checkpoints.Reverse() : [path]).ToList();
        var names = all.Select(path => Path.GetFileName(Path.TrimEndingDirectorySeparator(path))).ToList();
        var tellApart = names.Distinct().Count() == names.Count;
        return all.Zip(names, (path, name) => Candidate(path, tellApart ? name : path));
    }

    private static bool IsModel(string folder) => File.Exists(Path.Combine(folder, "config.json")) || File.Exists(Path.Combine(folder, AdapterFolder.ConfigName));

    private ITransformer Load(string path)
    {
        if (GgufFile.IsNamed(path)) return LoadPretrained(path);
        if (File.Exists(path)) return LoadZip(path, out _);
        if (SavedCheckpoint.IsAt(path)) return LoadCheckpoint(path);
        if (!File.Exists(Path.Combine(path, AdapterFolder.ConfigName))) return LoadPretrained(path);
        return AdapterFolder.BaseOf(path) is { } folder && OpenedWeights.IsThere(folder)
            ? LoadPretrained(folder, adapter: path)
            : throw new DirectoryNotFoundException($"The adapter {path} names its base '{AdapterFolder.BaseOf(path)}', which is not there; give ml.Preferences.Candidate(path, load: ...) that loads it.");
    }
}
