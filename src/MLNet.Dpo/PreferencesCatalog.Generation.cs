using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>Samples several completions of each prompt, the raw material of preference pairs.</summary>
    /// <param name="model">A chain that tokenises and generates: a fitted pipeline, a loaded model, or <see cref="LoadPretrained"/>.</param>
    /// <param name="prompts">Each one user turn, or a JSON array of messages.</param>
    /// <param name="options">How to sample; a temperature of 0 gives the same completion every time.</param>
    /// <param name="samplesPerPrompt">Completions of each prompt; 1 or more.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    public IReadOnlyList<PromptSamples> Sample(
        ITransformer model, IEnumerable<string> prompts, GenerationOptions? options = null, int samplesPerPrompt = 10, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        OptionCheck.AtLeast(samplesPerPrompt, 1, nameof(samplesPerPrompt));
        var tokenizer = PipelineParts.Find<PreferenceTokenizingTransformer>(model).PreferenceTokenizer;
        var network = PipelineParts.Find<CausalLMTransformer>(model);
        options ??= network.Generation;
        var all = prompts.ToList();
        var results = new List<PromptSamples>(all.Count);
        foreach (var batch in all.Chunk(Math.Max(1, options.BatchSize / samplesPerPrompt)))
        {
            var tokens = batch.Select(p => tokenizer.Tokenize(p, []).PromptTokens).ToList();
            var completions = network.Complete(tokens, options, samplesPerPrompt, results.Count * samplesPerPrompt, cancellation);
            results.AddRange(batch.Zip(completions, (prompt, responses) => new PromptSamples(prompt, responses)));
        }
        return results;
    }

    /// <summary>Samples several completions of each prompt with a model folder as it is.</summary>
    /// <inheritdoc cref="Sample(ITransformer, IEnumerable{string}, GenerationOptions, int, CancellationToken)"/>
    /// <param name="modelFolder">A Hugging Face model folder with its tokenizer.</param>
    /// <param name="prompts">Each one user turn, or a JSON array of messages.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="samplesPerPrompt">Completions of each prompt; 1 or more.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    public IReadOnlyList<PromptSamples> Sample(
        string modelFolder, IEnumerable<string> prompts, GenerationOptions? options = null, int samplesPerPrompt = 10, CancellationToken cancellation = default)
    {
        var model = LoadPretrained(modelFolder);
        using var network = model.LastTransformer;
        return Sample(model, prompts, options, samplesPerPrompt, cancellation);
    }

    /// <summary>One completion of one prompt.</summary>
    /// <param name="model">A chain that tokenises and generates.</param>
    /// <param name="prompt">One user turn, or a JSON array of messages.</param>
    /// <param name="options">How to generate; the model's own settings when null.</param>
    public string Generate(ITransformer model, string prompt, GenerationOptions? options = null) =>
        Sample(model, [prompt], options, samplesPerPrompt: 1)[0].Responses[0];
}
