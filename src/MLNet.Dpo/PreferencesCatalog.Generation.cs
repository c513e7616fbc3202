using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    // They are all held in memory.
    private const int MaxCompletions = 1 << 24;

    /// <summary>Samples several completions of each prompt, the raw material of preference pairs.</summary>
    /// <param name="model">A chain that tokenises and generates: a fitted pipeline, a loaded model, or <see cref="LoadPretrained"/>.</param>
    /// <param name="prompts">Each one user turn of plain text.</param>
    /// <param name="options">How to sample; a temperature of 0 gives the same completion every time. The model's own settings when null.</param>
    /// <param name="samplesPerPrompt">Completions of each prompt; 1 or more, with all prompts together at most 16,777,216 (2^24).</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>The completions of each prompt, in the prompts' order.</returns>
    /// <exception cref="ArgumentException">The model has no tokenizer or chat model, an option is out of range, or more is asked for than memory holds.</exception>
    /// <exception cref="PreferenceDataException">A prompt fills the model's context, unless <see cref="GenerationOptions.OnLongPrompt"/> skips it.</exception>
    /// <example><code>
    /// var sampling = new GenerationOptions { Temperature = 0.7, TopP = 0.95 };
    /// foreach (PromptSamples s in ml.Preferences.Sample(model, ["hi!", "thanks"], sampling, samplesPerPrompt: 4))
    ///     Console.WriteLine($"{s.Prompt}: {string.Join(" | ", s.Responses)}");
    /// </code></example>
    public IReadOnlyList<PromptSamples> Sample(
        ITransformer model, IEnumerable<string> prompts, GenerationOptions? options = null, int samplesPerPrompt = 10, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return Sample(model, prompts.Select(prompt => new PreferenceRow("", ChatText.Of(prompt), [])), options, samplesPerPrompt, cancellation);
    }

    /// <summary>Samples several completions of each conversation.</summary>
    /// <inheritdoc cref="Sample(ITransformer, IEnumerable{string}, GenerationOptions, int, CancellationToken)"/>
    /// <param name="model">A chain that tokenises and generates.</param>
    /// <param name="conversations">Each an array of <c>{"role","content"}</c> messages, to which the assistant answers.</param>
    /// <param name="options">How to sample; the model's own settings when null.</param>
    /// <param name="samplesPerPrompt">Completions of each conversation; 1 or more.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>The completions of each conversation, in the conversations' order.</returns>
    /// <param name="tools">The tools that the model may call in all of them, each a JSON schema; null for none.</param>
    /// <param name="chatTemplateArguments">Further variables of the chat template, such as <c>{"enable_thinking": false}</c>; they win over those of the model's tokenizing options. Null for none.</param>
    /// <exception cref="PreferenceDataException">A conversation has no messages, or an item that is no message; the template leaves out the tools.</exception>
    /// <exception cref="ArgumentException">The model has no tokenizer or chat model, or an option or an argument is out of range.</exception>
    public IReadOnlyList<PromptSamples> Sample(
        ITransformer model,
        IEnumerable<JsonArray> conversations,
        GenerationOptions? options = null,
        int samplesPerPrompt = 10,
        CancellationToken cancellation = default,
        JsonArray? tools = null,
        JsonObject? chatTemplateArguments = null)
    {
        ArgumentNullException.ThrowIfNull(conversations);
        var (given, arguments) = (Argument(nameof(tools), () => TemplateInputs.Tools(tools)), Argument(nameof(chatTemplateArguments), () => TemplateInputs.Checked(chatTemplateArguments ?? [])));
        return Sample(model, conversations.Select(Checked).Select(prompt => new PreferenceRow("", prompt, []) { Tools = given, Arguments = arguments }), options, samplesPerPrompt, cancellation);
    }

    /// <summary>Samples several completions of each prompt with a model folder as it is.</summary>
    /// <inheritdoc cref="Sample(ITransformer, IEnumerable{string}, GenerationOptions, int, CancellationToken)"/>
    /// <param name="modelFolder">A Hugging Face model folder with its tokenizer.</param>
    /// <param name="prompts">Each one user turn of plain text.</param>
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
    /// <param name="prompt">One user turn of plain text.</param>
    /// <param name="options">How to generate; the model's own settings when null.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>What the model says.</returns>
    /// <example><code>
    /// Console.WriteLine(ml.Preferences.Generate(model, "hi!"));
    /// </code></example>
    public string Generate(ITransformer model, string prompt, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        Sample(model, [prompt], options, samplesPerPrompt: 1, cancellation)[0].Responses[0];

    /// <summary>One completion of a conversation.</summary>
    /// <param name="model">A chain that tokenises and generates.</param>
    /// <param name="conversation">An array of <c>{"role","content"}</c> messages, to which the assistant answers.</param>
    /// <param name="options">How to generate; the model's own settings when null.</param>
    /// <param name="tools">The tools that the model may call, each a JSON schema; null for none.</param>
    /// <param name="chatTemplateArguments">Further variables of the chat template, such as <c>{"enable_thinking": false}</c>; they win over those of the model's tokenizing options. Null for none.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>What the model says.</returns>
    /// <exception cref="PreferenceDataException">There is no message, or an item is none; the template leaves out the tools.</exception>
    /// <example><code>
    /// var conversation = JsonNode.Parse("""[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi!"}]""")!.AsArray();
    /// Console.WriteLine(ml.Preferences.Generate(model, conversation));
    /// </code></example>
    public string Generate(
        ITransformer model, JsonArray conversation, GenerationOptions? options = null, JsonArray? tools = null, JsonObject? chatTemplateArguments = null, CancellationToken cancellation = default) =>
        Sample(model, [conversation], options, samplesPerPrompt: 1, cancellation, tools, chatTemplateArguments)[0].Responses[0];

    /// <summary>One completion of one prompt, part by part as the model says it.</summary>
    /// <inheritdoc cref="GenerateStreamAsync(ITransformer, JsonArray, GenerationOptions, JsonArray, JsonObject, CancellationToken)"/>
    /// <param name="model">A chain that tokenises and generates. It must live until the completion has ended.</param>
    /// <param name="prompt">One user turn of plain text.</param>
    /// <param name="options">How to generate; the model's own settings when null. Copied at the call.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <example><code>
    /// await foreach (GeneratedPiece piece in ml.Preferences.GenerateStreamAsync(model, "hi!")) Console.Write(piece.Text);
    /// </code></example>
    public IAsyncEnumerable<GeneratedPiece> GenerateStreamAsync(ITransformer model, string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return GenerateStreamAsync(model, new PreferenceRow("The prompt", ChatText.Of(prompt), []), options, cancellation);
    }

    /// <summary>One completion of a conversation, part by part as the model says it.</summary>
    /// <remarks>
    /// The parts together are what <see cref="Generate(ITransformer, string, GenerationOptions, CancellationToken)"/> gives: a part has whole characters, and what may be the beginning of a stop string is held back until it is known.
    /// The adapter is that which runs where this is called. Calls that come while the model answers others are answered together after these. A reader who stops reading stops the generation.
    /// </remarks>
    /// <param name="model">A chain that tokenises and generates. It must live until the completion has ended.</param>
    /// <param name="conversation">An array of <c>{"role","content"}</c> messages, to which the assistant answers.</param>
    /// <param name="options">How to generate; the model's own settings when null. Copied at the call.</param>
    /// <param name="tools">The tools that the model may call, each a JSON schema; null for none.</param>
    /// <param name="chatTemplateArguments">Further variables of the chat template; they win over those of the model's tokenizing options. Null for none.</param>
    /// <param name="cancellation">Stops between two tokens.</param>
    /// <returns>The parts; the last one has the reason why it is the last.</returns>
    /// <exception cref="ArgumentException">The model has no tokenizer or chat model, an option is out of range, or beam search is on, which knows its completion at the end alone.</exception>
    /// <exception cref="PreferenceDataException">There is no message, or an item is none; the template leaves out the tools; or, when the parts are read, the prompt fills the model's context.</exception>
    public IAsyncEnumerable<GeneratedPiece> GenerateStreamAsync(
        ITransformer model, JsonArray conversation, GenerationOptions? options = null, JsonArray? tools = null, JsonObject? chatTemplateArguments = null, CancellationToken cancellation = default)
    {
        var (given, arguments) = (Argument(nameof(tools), () => TemplateInputs.Tools(tools)), Argument(nameof(chatTemplateArguments), () => TemplateInputs.Checked(chatTemplateArguments ?? [])));
        return GenerateStreamAsync(model, new PreferenceRow("The conversation", Checked(conversation, 1), []) { Tools = given, Arguments = arguments }, options, cancellation);
    }

    private static IAsyncEnumerable<GeneratedPiece> GenerateStreamAsync(ITransformer model, PreferenceRow row, GenerationOptions? options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tokenizer = PipelineParts.Find<PreferenceTokenizingTransformer>(model).RowTokenizer;
        var network = PipelineParts.Find<CausalLMTransformer>(model);
        options = (options ?? network.Generation).Clone();
        options.Validate();
        if (options.NumBeams > 1) throw new ArgumentException($"NumBeams is {options.NumBeams}: beam search knows its completion at the end alone; set NumBeams to 1, or call Generate.", nameof(options));
        return network.Stream(tokenizer.Checked(row).PromptTokens, options, network.ActiveAdapter, cancellation);
    }

    private static IReadOnlyList<PromptSamples> Sample(
        ITransformer model, IEnumerable<PreferenceRow> rows, GenerationOptions? options, int samplesPerPrompt, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        OptionCheck.AtLeast(samplesPerPrompt, 1, nameof(samplesPerPrompt));
        var tokenizer = PipelineParts.Find<PreferenceTokenizingTransformer>(model).RowTokenizer;
        var network = PipelineParts.Find<CausalLMTransformer>(model);
        options ??= network.Generation;
        var all = rows.Select((row, i) => row with { Place = $"Prompt {i + 1}" }).ToList();
        if ((long)all.Count * samplesPerPrompt > MaxCompletions)
            throw new ArgumentException($"samplesPerPrompt is {samplesPerPrompt}, with {all.Count} prompts {(long)all.Count * samplesPerPrompt} completions; allowed are {MaxCompletions} in one call: lower it, or give the prompts in several calls.");
        var results = new List<PromptSamples>(all.Count);
        foreach (var batch in all.Chunk(Math.Max(1, options.BatchSize / samplesPerPrompt)))
        {
            var tokens = batch.Select(row => tokenizer.Checked(row).PromptTokens).ToList();
            var completions = network.Complete(tokens, options, samplesPerPrompt, results.Count * samplesPerPrompt, cancellation);
            results.AddRange(batch.Zip(completions, (row, responses) => new PromptSamples(row.Prompt.Text ?? "", row.Prompt.Messages?.ToJsonString() ?? "", [.. responses.Select(r => r.Text)])
            {
                FinishReasons = [.. responses.Select(r => r.Reason)],
                TokenLogps = options.TopLogps is null ? [] : [.. responses.Select(r => r.Logps)],
            }));
        }
        return results;
    }

    private static T Argument<T>(string name, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"{name} {e.Message}.", name, e);
        }
    }

    private static ChatText Checked(JsonArray conversation, int number)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        try
        {
            return ChatText.Of(MessagesJson.Checked(conversation));
        }
        catch (FormatException e)
        {
            throw new PreferenceDataException($"Conversation {number} {e.Message}.", e);
        }
    }
}
