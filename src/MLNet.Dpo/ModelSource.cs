using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;

namespace MLNet.Dpo;

/// <summary>A model of this library as a source of answers. An answer is a function of model, settings, seed, prompt and sample: not of the batch that it is sampled in, nor of what is missing.</summary>
/// <param name="name">The source's name.</param>
/// <param name="options">How to sample.</param>
/// <param name="fingerprint">Tells the model's weights from others'; asked for once, and only where answers are kept.</param>
/// <param name="load">Gives the chain, and what to free after it has answered.</param>
internal sealed class ModelSource(string name, GenerationOptions options, Func<string> fingerprint, Func<(ITransformer Model, IDisposable? Owned)> load) : SampleSource(name)
{
    private readonly Lazy<string> _settings = new(() =>
    {
        var settings = SettingsOf(options);
        settings["Model"] = fingerprint();
        return settings.ToJsonString();
    });

    /// <inheritdoc/>
    public override string Settings => _settings.Value;

    /// <inheritdoc/>
    public override Task AnswerAsync(SampleRequest request, Action<SampledAnswer> answered, CancellationToken cancellation) => Task.Run(
        () =>
        {
            if (!Enumerable.Range(0, request.Prompts.Count).Any(prompt => IsMissing(request, prompt))) return;
            var (model, owned) = load();
            using (owned) Answer(model, options, request, answered, cancellation);
        },
        cancellation);

    /// <summary>Answers batch by batch, in the order of prompts and samples. A prompt runs once for all its samples.</summary>
    internal static void Answer(ITransformer model, GenerationOptions options, SampleRequest request, Action<SampledAnswer> answered, CancellationToken cancellation)
    {
        var tokenizer = PipelineParts.Find<PreferenceTokenizingTransformer>(model).RowTokenizer;
        var network = PipelineParts.Find<CausalLMTransformer>(model);
        options.Validate();
        var seeded = Seeded(options, request.Seed);
        // The same prompts side by side whatever is missing, so that sums are taken in the same order.
        foreach (var batch in Enumerable.Range(0, request.Prompts.Count).Chunk(Math.Max(1, options.BatchSize / request.SamplesPerPrompt)))
        {
            if (!batch.Any(prompt => IsMissing(request, prompt))) continue;
            var tokens = batch.Select(prompt => tokenizer.Checked(new PreferenceRow($"Prompt {prompt + 1}", Text(request.Prompts[prompt]), [])).PromptTokens).ToList();
            var completions = network.Complete(tokens, seeded, request.SamplesPerPrompt, batch[0] * request.SamplesPerPrompt, cancellation);
            foreach (var (prompt, responses) in batch.Zip(completions))
            {
                for (var sample = 0; sample < responses.Length; sample++)
                {
                    if (request.IsMissing(prompt, sample)) answered(new SampledAnswer(prompt, sample, responses[sample].Text));
                }
            }
        }
    }

    /// <summary>A name that tells what differs from the default settings.</summary>
    internal static string NameOf(string model, GenerationOptions options)
    {
        var usual = SettingsOf(new GenerationOptions());
        return string.Join(' ', SettingsOf(options).Where(s => s.Key is not (nameof(GenerationOptions.Seed) or nameof(GenerationOptions.MaxNewTokens)) && !JsonNode.DeepEquals(s.Value, usual[s.Key]))
            .Select(s => $"{s.Key}={s.Value?.ToJsonString()}").Prepend(model));
    }

    /// <summary>All that decides about the answers besides prompt and seed.</summary>
    internal static string TextOf(GenerationOptions options) => SettingsOf(options).ToJsonString();

    // Batch size and log-probabilities say nothing about the answers.
    private static JsonObject SettingsOf(GenerationOptions options)
    {
        options.Validate();
        var settings = JsonSerializer.SerializeToNode(options, GenerationJson.Default.GenerationOptions)!.AsObject();
        settings.Remove(nameof(GenerationOptions.BatchSize));
        settings.Remove(nameof(GenerationOptions.TopLogps));
        return settings;
    }

    private static GenerationOptions Seeded(GenerationOptions options, int seed)
    {
        var copy = options.Clone();
        copy.Seed ??= seed;
        return copy;
    }

    private static bool IsMissing(SampleRequest request, int prompt) => Enumerable.Range(0, request.SamplesPerPrompt).Any(sample => request.IsMissing(prompt, sample));

    private static ChatText Text(SamplePrompt prompt) => prompt.Messages.Length > 0 ? ChatText.Of(MessagesJson.Parse(prompt.Messages)) : ChatText.Of(prompt.Prompt);
}
