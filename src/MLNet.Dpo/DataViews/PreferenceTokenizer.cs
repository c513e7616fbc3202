using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Turns a prompt and its responses into tokens, by the rules of TRL's DPOTrainer. With a chat template: the prompt is rendered with the generation prompt,
/// prompt + response without, and nothing is appended (the template writes the end of a turn). Without one: the eos text is appended to each response that does not
/// end with it, and prompt and prompt + response are encoded as they are, with special tokens. Either way the prompt ends where the encodings first differ.
/// Immutable, safe for use by several threads if the tokenizer is.
/// </summary>
internal sealed class PreferenceTokenizer
{
    private readonly Func<string, bool, IReadOnlyList<int>> _encode;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly string? _eosToken;

    /// <summary>With a Hugging Face tokenizer and its own chat template, if it has one.</summary>
    public PreferenceTokenizer(HuggingFaceTokenizer tokenizer)
        : this(tokenizer, (tokenizer ?? throw new ArgumentNullException(nameof(tokenizer))).ChatTemplate)
    {
    }

    /// <summary>With a Hugging Face tokenizer and, if <paramref name="applyChatTemplate"/>, its own chat template.</summary>
    /// <exception cref="ArgumentException">The template is to be applied, but the tokenizer has none.</exception>
    public PreferenceTokenizer(HuggingFaceTokenizer tokenizer, bool applyChatTemplate)
        : this(tokenizer, applyChatTemplate ? TemplateOf(tokenizer) : null)
    {
    }

    /// <summary>With a Hugging Face tokenizer and a chat template of one's own; null for plain text.</summary>
    public PreferenceTokenizer(HuggingFaceTokenizer tokenizer, ChatTemplate? chatTemplate)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _encode = tokenizer.Encode;
        _specialTokens = tokenizer.SpecialTokens;
        _eosToken = tokenizer.EosToken;
        ChatTemplate = chatTemplate;
    }

    /// <summary>With any tokenizer. It is trusted to recognise special tokens in text and to add none of its own.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="chatTemplate">The chat template; null for plain text.</param>
    /// <param name="specialTokens">Special tokens by role; <c>eos_token</c> is needed without a chat template, the others where the template reads them.</param>
    public PreferenceTokenizer(Tokenizer tokenizer, ChatTemplate? chatTemplate, IReadOnlyDictionary<string, string> specialTokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(specialTokens);
        _encode = (text, _) => tokenizer.EncodeToIds(text);
        _specialTokens = specialTokens;
        _eosToken = specialTokens.GetValueOrDefault("eos_token");
        ChatTemplate = chatTemplate;
    }

    /// <summary>The chat template; null where prompts and responses are plain text.</summary>
    public ChatTemplate? ChatTemplate { get; }

    /// <summary>The tokens of a prompt and its responses, nothing cut.</summary>
    /// <param name="prompt">One user turn, or a JSON array of messages.</param>
    /// <param name="responses">Each the assistant's text, or a JSON array of messages. None: the tokens of the generation prompt alone.</param>
    /// <param name="tools">The tools that the chat template is given, a list or its JSON text; null for none.</param>
    /// <param name="templateVariables">Further variables of the chat template; null for none.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation.</exception>
    /// <exception cref="PreferenceDataException">Without a chat template: the prompt or a response is a list of messages.</exception>
    /// <exception cref="InvalidDataException">Without a chat template: the tokenizer names no eos token.</exception>
    public TokenizedGroup Tokenize(string prompt, IReadOnlyList<string> responses, JsonNode? tools = null, JsonObject? templateVariables = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(responses);
        if (ChatTemplate is null)
            return Group(_encode(Plain(prompt), true), responses.Select(response => _encode(prompt + WithEos(Plain(response)), true)));

        var options = new ChatTemplateOptions { SpecialTokens = _specialTokens, Tools = Parsed(tools), Variables = templateVariables };
        var messages = ChatMessage.ParsePrompt(prompt);
        return Group(
            Render(messages, options with { AddGenerationPrompt = true }),
            responses.Select(response => Render([.. messages, .. ParseResponse(response)], options)));
    }

    private static ChatTemplate TemplateOf(HuggingFaceTokenizer tokenizer) => tokenizer?.ChatTemplate
        ?? throw new ArgumentException("The tokenizer has no chat template to apply; give a folder with one (chat_template.jinja or tokenizer_config.json), or rows of plain text.", nameof(tokenizer));

    private IReadOnlyList<int> Render(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options) =>
        _encode(ChatTemplate!.Render(ChatMessage.ToJson(messages), options), false);

    /// <summary>Cuts prompt and full encodings at the shortest of their common beginnings.</summary>
    private static TokenizedGroup Group(IReadOnlyList<int> prompt, IEnumerable<IReadOnlyList<int>> fulls)
    {
        int[][] all = [.. fulls.Select(full => full.ToArray())];
        int[] alone = [.. prompt];
        int length = all.Length == 0 ? alone.Length : all.Min(full => full.AsSpan().CommonPrefixLength(alone));
        return new TokenizedGroup(alone[..length], [.. all.Select(full => full[length..])]) { PromptIsPrefix = length == alone.Length };
    }

    private static IReadOnlyList<ChatMessage> ParseResponse(string response) =>
        ChatMessage.TryParse(response, out var messages) ? messages : [new ChatMessage("assistant", response)];

    private static string Plain(string text) => ChatMessage.TryParse(text, out _)
        ? throw new PreferenceDataException("The row is a list of messages but there is no chat template; give a model folder with one, or rows of plain text.")
        : text;

    private string WithEos(string response)
    {
        string eos = _eosToken ?? throw new InvalidDataException("The tokenizer names no eos token, which ends a plain text response; set eos_token in tokenizer_config.json.");
        return response.EndsWith(eos, StringComparison.Ordinal) ? response : response + eos;
    }

    private static JsonNode? Parsed(JsonNode? tools) => tools is JsonValue value && value.TryGetValue(out string? text) ? JsonNode.Parse(text) : tools;
}
