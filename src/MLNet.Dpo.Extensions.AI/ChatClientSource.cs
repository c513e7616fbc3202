using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo;

/// <summary>
/// A chat service as a source of samples: each answer is a call of its own, several at a time, and a call that fails is tried again. The answers are the service's: the seed makes them repeatable only where
/// the service itself keeps it.
/// </summary>
public sealed class ChatClientSource : SampleSource
{
    private readonly IChatClient _client;
    private readonly Options _options;

    /// <summary>A source.</summary>
    /// <param name="client">The service. It stays the caller's, and must bear several calls at a time, as those of Microsoft.Extensions.AI do.</param>
    /// <param name="options">How to ask; the client's own settings when null.</param>
    /// <exception cref="ArgumentException">An option is out of range, or neither the options nor the client name a model.</exception>
    public ChatClientSource(IChatClient client, Options? options = null)
        : base(NameOf(client, options))
    {
        options?.Validate();
        _client = client;
        _options = options ?? new Options();
    }

    /// <summary>How a service is asked.</summary>
    public sealed class Options
    {
        /// <summary>The source's name. Null, the default, takes the model's, with the temperature where one is given.</summary>
        public string? Name { get; set; }

        /// <summary>What goes with each call: model, temperature, top-p, the most tokens. A seed is added to it where there is none. Default null.</summary>
        public ChatOptions? ChatOptions { get; set; }

        /// <summary>The most calls at a time; 1 or more. Default 4.</summary>
        public int MaxParallelCalls { get; set; } = 4;

        /// <summary>How often a failed call is tried again; 0 or more. Default 3.</summary>
        public int MaxRetries { get; set; } = 3;

        /// <summary>The wait before the first retry, which doubles with each further one; zero or more. Default one second.</summary>
        public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

        /// <summary>Whether an answer that the service broke off at the most tokens, or held back, counts. Default false: it is an error, since half an answer teaches to break off.</summary>
        public bool AllowIncomplete { get; set; }

        /// <summary>Checks the settings.</summary>
        /// <exception cref="ArgumentException">A setting is out of range.</exception>
        public void Validate()
        {
            if (MaxParallelCalls < 1) throw new ArgumentException($"{nameof(MaxParallelCalls)} is {MaxParallelCalls}; allowed: 1 or more.");
            if (MaxRetries < 0) throw new ArgumentException($"{nameof(MaxRetries)} is {MaxRetries}; allowed: 0 or more.");
            if (RetryDelay < TimeSpan.Zero) throw new ArgumentException($"{nameof(RetryDelay)} is {RetryDelay}; allowed: zero or more.");
        }
    }

    /// <inheritdoc/>
    public override string Settings
    {
        get
        {
            var chat = _options.ChatOptions;
            var settings = new JsonObject
            {
                ["model"] = ModelOf(_client, _options),
                ["temperature"] = chat?.Temperature,
                ["top_p"] = chat?.TopP,
                ["top_k"] = chat?.TopK,
                ["max_tokens"] = chat?.MaxOutputTokens,
                ["frequency_penalty"] = chat?.FrequencyPenalty,
                ["presence_penalty"] = chat?.PresencePenalty,
                ["seed"] = chat?.Seed,
                ["instructions"] = chat?.Instructions,
                ["stop"] = chat?.StopSequences is { } stops ? new JsonArray([.. stops.Select(stop => (JsonNode)stop)]) : null,
            };
            return new JsonObject(settings.Where(s => s.Value is not null).Select(s => KeyValuePair.Create(s.Key, s.Value?.DeepClone()))).ToJsonString();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The service did not answer, for all retries; the message says which prompt and why.</exception>
    /// <exception cref="PreferenceDataException">A conversation has a message that is more than a role and a text.</exception>
    public override async Task AnswerAsync(SampleRequest request, Action<SampledAnswer> answered, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(answered);
        var prompts = request.Prompts.Select(ChatPromptMessages.Of).ToList();
        var missing = from prompt in Enumerable.Range(0, prompts.Count)
                      from sample in Enumerable.Range(0, request.SamplesPerPrompt)
                      where request.IsMissing(prompt, sample)
                      select (Prompt: prompt, Sample: sample);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxParallelCalls, CancellationToken = cancellation };
        await Parallel.ForEachAsync(missing.ToList(), parallel, async (wanted, token) =>
        {
            var seed = unchecked((request.Seed * 1_000_003L) + (wanted.Prompt * (long)request.SamplesPerPrompt) + wanted.Sample);
            answered(new SampledAnswer(wanted.Prompt, wanted.Sample, await AskAsync(prompts[wanted.Prompt], wanted.Prompt, seed, token).ConfigureAwait(false)));
        }).ConfigureAwait(false);
    }

    private async Task<string> AskAsync(IReadOnlyList<ChatMessage> messages, int prompt, long seed, CancellationToken cancellation)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                var options = _options.ChatOptions?.Clone() ?? new ChatOptions();
                options.Seed ??= seed & int.MaxValue;
                return TextOf(await _client.GetResponseAsync(messages, options, cancellation).ConfigureAwait(false));
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                // What a service refuses comes as an exception of the client's own, so that all are tried again.
                if (failures >= _options.MaxRetries)
                    throw new HttpRequestException($"The source '{Name}' did not answer prompt {prompt + 1} in {failures + 1} {(failures == 0 ? "call" : "calls")}: {e.Message.ReplaceLineEndings(" ")} (what was answered before is kept where the sampling has a Path)", e);
            }
            await Task.Delay(_options.RetryDelay * Math.Pow(2, failures), cancellation).ConfigureAwait(false);
        }
    }

    private string TextOf(ChatResponse response)
    {
        if (!_options.AllowIncomplete && response.FinishReason is { } reason && reason != ChatFinishReason.Stop)
            throw new InvalidOperationException($"the answer ended with '{reason}'; raise MaxOutputTokens of ChatOptions, or set AllowIncomplete");
        return response.Text;
    }

    private static string NameOf(IChatClient client, Options? options)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (options?.Name is { } name) return name;
        var model = ModelOf(client, options) ?? throw new ArgumentException("Neither the options nor the client name a model; give a Name.", nameof(options));
        return options?.ChatOptions?.Temperature is { } temperature ? FormattableString.Invariant($"{model} Temperature={temperature}") : model;
    }

    private static string? ModelOf(IChatClient client, Options? options) => options?.ChatOptions?.ModelId ?? client.GetService<ChatClientMetadata>()?.DefaultModelId;
}
