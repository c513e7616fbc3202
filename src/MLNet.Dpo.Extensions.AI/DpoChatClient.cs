using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.ML;
using MLNet.Dpo.ExtensionsAI;

namespace MLNet.Dpo;

/// <summary>
/// A model of this library as a chat client. Safe for use by several threads: calls that come while the model answers others are answered together after these, and each gets what it would get alone.
/// </summary>
/// <remarks>
/// Settings of a call go before those of the client. What has no counterpart here is a <see cref="NotSupportedException"/> that names it. <see cref="ChatOptions.RawRepresentationFactory"/> may give
/// <see cref="GenerationOptions"/>, which the call's other settings are put over; <see cref="ChatOptions.AdditionalProperties"/> may hold <c>chat_template_kwargs</c>, a <see cref="JsonObject"/> of variables of the chat template.
/// Updates hold their <see cref="GeneratedPiece"/> as raw representation, responses a list of them, so that log-probabilities can be had (<see cref="GenerationOptions.TopLogps"/>).
/// Tools are written by the chat template. Calls are read from the answer as the template's family writes them: <c>&lt;tool_call&gt;</c> (Qwen, Hermes), <c>[TOOL_CALLS]</c> (Mistral), a JSON object (Llama 3.1); where the family is not known, or a call cannot be read, the answer is text.
/// </remarks>
public sealed partial class DpoChatClient : IChatClient
{
    private readonly MLContext _ml;
    private readonly ITransformer _model;
    private readonly CausalLMTransformer _network;
    private readonly Options _options;
    private readonly ILogger _logger;
    private readonly CausalLMTransformer? _owned;
    private readonly ChatClientMetadata _metadata;
    private readonly ToolCallFormat _format;
    private readonly CancellationTokenSource _closing = new();
    private int _isDisposed;

    /// <summary>A client over a model.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">A chain that tokenises and generates: a fitted pipeline, a loaded model, or <c>ml.Preferences.LoadPretrained</c>. It stays the caller's, and must live until the client is disposed.</param>
    /// <param name="options">What holds where a call says nothing; the model's own settings when null.</param>
    /// <param name="logger">Told of each answer and of tool calls that cannot be read; null for nobody.</param>
    /// <exception cref="ArgumentException">The model has no chat model, or an option is out of range.</exception>
    /// <example><code>
    /// using IChatClient client = new DpoChatClient(ml, model);
    /// Console.WriteLine(await client.GetResponseAsync("hi!"));
    /// </code></example>
    public DpoChatClient(MLContext ml, ITransformer model, Options? options = null, ILogger<DpoChatClient>? logger = null)
        : this(ml, model, options, logger, owned: null)
    {
    }

    internal DpoChatClient(MLContext ml, ITransformer model, Options? options, ILogger? logger, CausalLMTransformer? owned)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(model);
        (_ml, _model, _owned, _logger) = (ml, model, owned, logger ?? NullLogger.Instance);
        _options = options ?? new Options();
        _options.Generation?.Validate();
        _network = ml.Preferences.FindModel(model);
        _metadata = new ChatClientMetadata("mlnet-dpo", defaultModelId: _options.ModelId);
        _format = ToolCallFormat.Of(_network.Tokenizer);
    }

    /// <summary>What holds for all calls.</summary>
    public sealed class Options
    {
        /// <summary>The model's name in responses; a call that asks for another is an error. Default <c>model</c>.</summary>
        public string ModelId { get; set; } = "model";

        /// <summary>How to generate where a call says nothing. Null, the default, takes the model's own settings.</summary>
        public GenerationOptions? Generation { get; set; }

        /// <summary>Variables of the chat template, such as <c>{"enable_thinking": false}</c>. Default null (none).</summary>
        public JsonObject? ChatTemplateArguments { get; set; }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A message or an option has no counterpart here.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="PreferenceDataException">The prompt fills the model's context, or the chat template leaves out the tools.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (updates, pieces) = (new List<ChatResponseUpdate>(), new List<GeneratedPiece>());
        await foreach (var update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            updates.Add(update);
            if (update.RawRepresentation is GeneratedPiece piece) pieces.Add(piece);
        }
        var response = updates.ToChatResponse();
        response.RawRepresentation = pieces;
        return response;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A message or an option has no counterpart here.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="PreferenceDataException">The prompt fills the model's context, or the chat template leaves out the tools.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var settings = ChatSettings.Of(this, options, _options, _network.Generation);
        var conversation = ChatConversation.Of(messages, options?.Instructions);
        return Stream(conversation, settings, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(CausalLMTransformer) ? _network
            : null;
    }

    /// <summary>Stops the calls that run, and frees the model where the client has loaded it. A second call does nothing; every later use throws.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _closing.Cancel();
        _owned?.Dispose();
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Stream(JsonArray conversation, ChatSettings settings, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        var (id, at) = (Guid.NewGuid().ToString("N"), DateTimeOffset.UtcNow);
        var reader = new ToolCallReader(settings.Tools is null ? ToolCallFormat.None : _format);
        var pieces = _ml.Preferences.GenerateStreamAsync(_model, conversation, settings.Generation, settings.Tools, settings.TemplateArguments, stop.Token);
        await foreach (var piece in pieces.ConfigureAwait(false))
        {
            var contents = new List<AIContent>();
            if (reader.Add(piece.Text) is { Length: > 0 } text) contents.Add(new TextContent(text));
            if (piece.Reason is not null) contents.AddRange(End(reader, piece));
            if (contents.Count == 0 && piece.TokenLogps.Count == 0) continue;
            yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
            {
                ResponseId = id,
                MessageId = id,
                CreatedAt = at,
                ModelId = _options.ModelId,
                RawRepresentation = piece,
                FinishReason = piece.Reason is null ? null
                    : contents.Any(content => content is FunctionCallContent) ? ChatFinishReason.ToolCalls
                    : piece.Reason == FinishReason.Stop ? ChatFinishReason.Stop : ChatFinishReason.Length,
            };
        }
    }

    private IEnumerable<AIContent> End(ToolCallReader reader, GeneratedPiece last)
    {
        var contents = reader.End(out var unread);
        if (unread is not null) UnreadCall(_logger, unread);
        Answered(_logger, last.PromptTokens, last.CompletionTokens, last.Reason!.Value);
        return [.. contents, new UsageContent(new UsageDetails { InputTokenCount = last.PromptTokens, OutputTokenCount = last.CompletionTokens, TotalTokenCount = last.PromptTokens + last.CompletionTokens })];
    }

    [LoggerMessage(1, LogLevel.Debug, "Answered {PromptTokens} tokens with {CompletionTokens} ({Reason}).")]
    private static partial void Answered(ILogger logger, int promptTokens, int completionTokens, FinishReason reason);

    [LoggerMessage(3, LogLevel.Warning, "{Message}")]
    internal static partial void Warned(ILogger logger, string message);

    [LoggerMessage(2, LogLevel.Warning, "The answer begins a tool call that cannot be read, and is given as text: {Why}")]
    private static partial void UnreadCall(ILogger logger, string why);
}
