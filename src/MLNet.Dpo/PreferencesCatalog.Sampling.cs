using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Sampling;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>A model of this library with settings, as a source of samples.</summary>
    /// <param name="model">A chain that tokenises and generates: a fitted pipeline, a loaded model, or <see cref="LoadPretrained"/>. It stays the caller's.</param>
    /// <param name="options">How to sample; the model's own settings when null. A seed in it goes before that of the sampling.</param>
    /// <param name="name">The source's name; <c>model</c> with the settings that differ from the defaults when null. A file of samples knows a source by its name, and is not gone on with when its settings or the model's weights are others.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">The model has no tokenizer or chat model, or an option is out of range.</exception>
    /// <example><code>
    /// SampleSource[] sources = [ml.Preferences.Source(tuned, new() { Temperature = 0.7 }, "tuned"), ml.Preferences.Source("models/base", new() { Temperature = 1.2 })];
    /// </code></example>
    public SampleSource Source(ITransformer model, GenerationOptions? options = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var transformer = PipelineParts.Find<CausalLMTransformer>(model);
        options ??= transformer.Generation;
        return new ModelSource(name ?? ModelSource.NameOf("model", options), options, () => ModelFingerprint.OfModel(transformer.Model.Network), () => (model, null));
    }

    /// <summary>A model folder as it is with settings, as a source of samples. It is loaded when its turn comes, and freed after it.</summary>
    /// <param name="modelFolder">A Hugging Face model folder with its tokenizer.</param>
    /// <param name="options">How to sample; greedy when null.</param>
    /// <param name="name">The source's name; the folder's with the settings that differ from the defaults when null.</param>
    /// <returns>The source.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public SampleSource Source(string modelFolder, GenerationOptions? options = null, string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        if (!OpenedWeights.IsThere(modelFolder)) throw new DirectoryNotFoundException($"The model folder '{modelFolder}' does not exist; give a Hugging Face model folder.");
        options ??= new GenerationOptions();
        return new ModelSource(name ?? ModelSource.NameOf(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelFolder))), options), options, () => BaseFolder.HashOf(modelFolder), () =>
        {
            var model = LoadPretrained(modelFolder);
            return (model, model.LastTransformer);
        });
    }

    /// <summary>
    /// Samples completions of each prompt from one or several sources, and keeps them in a file as they come (<see cref="SamplingOptions.Path"/>), so that a run that was stopped or killed goes on where it
    /// was: no answer is lost or asked again, and models of this library end with the file that an unbroken run writes. <see cref="PromptSamples.Sources"/> tells them apart.
    /// </summary>
    /// <param name="sources">Models and settings, what <see cref="Source(ITransformer, GenerationOptions, string)"/> gives; several make the answers more diverse.</param>
    /// <param name="prompts">Each one user turn of plain text.</param>
    /// <param name="options">How many, and where they are kept; 10 of each prompt and source, not kept, when null.</param>
    /// <param name="cancellation">Stops soon; the file keeps what is there.</param>
    /// <returns>The completions of each prompt, by source and number.</returns>
    /// <exception cref="ArgumentException">There is no source, two have the same name, or the file was begun with other prompts or settings.</exception>
    /// <exception cref="PreferenceDataException">The file is not one of samples, or a line before its last is damaged.</exception>
    /// <exception cref="IOException">The file cannot be written, or another run is writing it.</exception>
    /// <example><code>
    /// var samples = ml.Preferences.Sample([ml.Preferences.Source(model, new() { Temperature = 0.7 })], prompts, new SamplingOptions { Path = "samples.jsonl", Seed = 1 });
    /// ml.Preferences.WriteSamples(samples, "to-mark");
    /// </code></example>
    public IReadOnlyList<PromptSamples> Sample(
        IReadOnlyList<SampleSource> sources, IEnumerable<string> prompts, SamplingOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => SampleAsync(sources, prompts, options, cancellation)).GetAwaiter().GetResult();

    /// <summary>Samples completions of each conversation from one or several sources.</summary>
    /// <inheritdoc cref="Sample(IReadOnlyList{SampleSource}, IEnumerable{string}, SamplingOptions, CancellationToken)"/>
    /// <param name="sources">Models and settings.</param>
    /// <param name="conversations">Each an array of <c>{"role","content"}</c> messages, to which the assistant answers.</param>
    /// <param name="options">How many, and where they are kept.</param>
    /// <param name="cancellation">Stops soon; the file keeps what is there.</param>
    public IReadOnlyList<PromptSamples> Sample(
        IReadOnlyList<SampleSource> sources, IEnumerable<JsonArray> conversations, SamplingOptions? options = null, CancellationToken cancellation = default) =>
        Task.Run(() => SampleAsync(sources, conversations, options, cancellation)).GetAwaiter().GetResult();

    /// <summary>Samples as <see cref="Sample(IReadOnlyList{SampleSource}, IEnumerable{string}, SamplingOptions, CancellationToken)"/> does, without holding a thread while a service answers.</summary>
    /// <inheritdoc cref="Sample(IReadOnlyList{SampleSource}, IEnumerable{string}, SamplingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<PromptSamples>> SampleAsync(
        IReadOnlyList<SampleSource> sources, IEnumerable<string> prompts, SamplingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return SampleAsync(sources, [.. prompts.Select(prompt => new SamplePrompt(ChatText.Of(prompt).Text!, ""))], options ?? new SamplingOptions(), cancellation);
    }

    /// <summary>Samples completions of each conversation, without holding a thread while a service answers.</summary>
    /// <inheritdoc cref="Sample(IReadOnlyList{SampleSource}, IEnumerable{JsonArray}, SamplingOptions, CancellationToken)"/>
    public Task<IReadOnlyList<PromptSamples>> SampleAsync(
        IReadOnlyList<SampleSource> sources, IEnumerable<JsonArray> conversations, SamplingOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        return SampleAsync(sources, [.. conversations.Select(Checked).Select(conversation => new SamplePrompt("", conversation.Messages!.ToJsonString()))], options ?? new SamplingOptions(), cancellation);
    }

    /// <summary>Reads a file of samples, of a run that ended or not: a torn last line is left out.</summary>
    /// <param name="path">The file that <see cref="SamplingOptions.Path"/> named.</param>
    /// <returns>The completions of each prompt that has any, by source and number.</returns>
    /// <exception cref="PreferenceDataException">It is not a file of samples, or damaged.</exception>
    /// <example><code>
    /// ml.Preferences.WriteSamples(ml.Preferences.LoadSamples("samples.jsonl"), "to-mark");
    /// </code></example>
    public IReadOnlyList<PromptSamples> LoadSamples(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return SampleStore.Read(path);
    }

    private async Task<IReadOnlyList<PromptSamples>> SampleAsync(IReadOnlyList<SampleSource> sources, SamplePrompt[] prompts, SamplingOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sources);
        options.Validate();
        if (sources.Count == 0) throw new ArgumentException("There is no source to sample from; give at least one (ml.Preferences.Source).", nameof(sources));
        if (sources.GroupBy(source => source.Name).FirstOrDefault(g => g.Count() > 1) is { } same)
            throw new ArgumentException($"{same.Count()} sources have the name '{same.Key}'; give each its own.", nameof(sources));
        using var store = SampleStore.Open(options, prompts);
        if (store.WasTorn)
        {
            using var channel = ((IChannelProvider)_ml).Start(nameof(Sample));
            channel.Warning($"{options.Path}: a torn line at the end was cut; its answer is sampled again.");
        }
        var resumed = store.CountOf(sources.Select(source => source.Name).ToHashSet());
        var answered = resumed;
        foreach (var source in sources)
        {
            store.Begin(source);
            var request = new SampleRequest(prompts, options.SamplesPerPrompt, store.Seed, (prompt, sample) => store.IsMissing(prompt, source.Name, sample));
            await source.AnswerAsync(request, answer =>
            {
                store.Add(source.Name, answer);
                options.Progress?.Report(new SamplingProgress(Interlocked.Increment(ref answered), prompts.Length * options.SamplesPerPrompt * sources.Count, resumed, source.Name));
            }, cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
        return store.Results([.. sources.Select(source => source.Name)]);
    }
}
